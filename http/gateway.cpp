#include "http/gateway.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/make_actor.hpp>
#include <caf/sec.hpp>
#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "actors/database/database.hpp"
#include "actors/directory/directory.hpp"
#include "actors/placement/placement.hpp"
#include "http/bridge.hpp"

namespace tessera::http {

namespace {

// An account that is just going to rest bounces a request; so may the next one, hardly the third.
constexpr int max_bounces = 5;

} // namespace

class gateway::implementation {
public:
  implementation(neighbours behind, std::chrono::milliseconds patience) : behind_(behind), patience_(patience) {}

  void attach(io_loop& loop) {
    caf::actor_config config;
    const auto handle = caf::make_actor<bridge, caf::actor>(
        behind_.actors.next_actor_id(), behind_.actors.node(), &behind_.actors, config, loop
    );
    if (bridges_.size() <= loop.index())
      bridges_.resize(loop.index() + 1);
    bridges_[loop.index()] = handle;
  }

  /// Asks the account; `lost` is the answer when none arrives in time.
  template <class Answer> void ask(const account_id& account, caf::message content, errc lost, callback<Answer> done, int bounces = 0) {
    const auto actor = behind_.accounts.find(account);
    if (!actor)
      return done(errc::not_owner);
    const auto answered = [this, account, content, lost, done, bounces](caf::message answer) {
      if (answer.match_elements<result<Answer>>())
        return done(std::move(answer.get_mutable_as<result<Answer>>(0)));
      const bool bounced = answer.match_elements<caf::error>() && answer.get_as<caf::error>(0) == caf::sec::request_receiver_down;
      if (bounced && bounces < max_bounces)
        return ask<Answer>(account, content, lost, done, bounces + 1);
      done(lost);
    };
    here().request(caf::actor_cast<caf::strong_actor_ptr>(actor), content, patience_, answered);
  }

  template <class Answer, class Command> void run(Command command, callback<Answer> done) {
    auto* loop = server::current();
    behind_.rows.run(std::move(command), answer_of<Answer>([loop, done = std::move(done)](result<Answer> answer) {
      loop->post([done, answer = std::move(answer)] { done(answer); });
    }));
  }

  bridge& here() {
    return static_cast<bridge&>(*caf::actor_cast<caf::abstract_actor*>(bridges_.at(server::current()->index())));
  }
  const neighbours& behind() const { return behind_; }

private:
  neighbours behind_;
  std::chrono::milliseconds patience_;
  std::vector<caf::actor> bridges_;
};

gateway::gateway(neighbours behind, std::chrono::milliseconds patience)
    : implementation_(std::make_unique<implementation>(behind, patience)) {}
gateway::~gateway() = default;

void gateway::attach(io_loop& loop) { implementation_->attach(loop); }

void gateway::consume(consume_credits command, callback<consume_receipt> done) {
  const auto account = command.account;
  implementation_->ask<consume_receipt>(
      account, caf::make_message(std::move(command)), errc::outcome_unknown, std::move(done)
  );
}

void gateway::balance(balance_query query, callback<balance_view> done) {
  const auto account = query.account;
  implementation_->ask<balance_view>(
      account, caf::make_message(std::move(query)), errc::database_unavailable, std::move(done)
  );
}

void gateway::purchase(purchase_credits command, callback<purchase_receipt> done) {
  const auto tenant = command.tenant;
  const auto account = command.account;
  const auto read_receipt = [this, tenant, done](std::string purchase_id) {
    implementation_->run<purchase_receipt>(purchase_query{tenant, std::move(purchase_id)}, done);
  };
  implementation_->run<purchase_accepted>(
      std::move(command),
      callback<purchase_accepted>([this, account, done, read_receipt](result<purchase_accepted> accepted) {
        if (!accepted)
          return done(accepted.why());
        // Whatever the nudge answers, the receipt tells what the ledger says.
        implementation_->ask<inbox_absorbed>(
            account,
            caf::make_message(absorb_inbox{account, {}}),
            errc::outcome_unknown,
            callback<inbox_absorbed>([read_receipt, id = accepted->purchase_id](result<inbox_absorbed>) { read_receipt(id); })
        );
      })
  );
}

void gateway::list(list_packages query, callback<package_list> done) {
  implementation_->run<package_list>(std::move(query), std::move(done));
}
void gateway::list(list_transactions query, callback<transaction_page> done) {
  implementation_->run<transaction_page>(std::move(query), std::move(done));
}
void gateway::create(create_entity command, callback<entity_created> done) {
  implementation_->run<entity_created>(std::move(command), std::move(done));
}
void gateway::create(create_application command, callback<application_created> done) {
  implementation_->run<application_created>(std::move(command), std::move(done));
}

const directory_view& gateway::tenants() const { return implementation_->behind().tenants; }

void gateway::refresh_directory(std::optional<digest> key_sha256, std::function<void()> done) {
  auto* loop = server::current();
  implementation_->behind().tenants.refresh(key_sha256, [loop, done = std::move(done)] { loop->post(done); });
}

} // namespace tessera::http
