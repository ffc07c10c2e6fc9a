#pragma once

#include "actors/database/database.hpp"
#include "actors/payment/desk.hpp"
#include "actors/placement/placement.hpp"
#include "http/bridge.hpp"
#include "http/gateway.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/make_actor.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

// The answer to most changes; each gateway_*.cpp says its others.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::kept_answer>)

namespace tessera::http {

using time_limit = std::chrono::steady_clock::time_point;

// An account that is just going to rest bounces a request; so may the next one, hardly the third.
inline constexpr int max_bounces = 5;
// What a nudge leaves of the deadline to read the answer.
inline constexpr std::chrono::milliseconds time_to_read{300};

/// How the gateway asks; for the gateway_*.cpp only.
class gateway::implementation {
public:
  implementation(neighbours behind, std::chrono::milliseconds patience)
      : behind_(behind), patience_(patience) {}

  void attach(io_loop& loop) {
    caf::actor_config config;
    const auto handle = caf::make_actor<bridge, caf::actor>(
        behind_.actors.next_actor_id(), behind_.actors.node(), &behind_.actors, config, loop
    );
    if (bridges_.size() <= loop.index()) bridges_.resize(loop.index() + 1);
    bridges_[loop.index()] = handle;
  }

  /// When a request that begins now must have its answer.
  time_limit limit() const { return time_limit::clock::now() + patience_; }

  /// Asks the account; `lost` is the answer when none arrives in time.
  template <class Answer> void
  ask(const account_id& account,
      caf::message content,
      time_limit until,
      errc lost,
      callback<Answer> done,
      int bounces = 0) {
    const auto actor = behind_.accounts.find(account);
    if (!actor) return done(errc::not_owner);
    auto answered = [this, account, content, until, lost, done = std::move(done), bounces](caf::message answer
                    ) mutable {
      if (answer.match_elements<result<Answer>>())
        return done(std::move(answer.get_mutable_as<result<Answer>>(0)));
      const bool bounced = answer.match_elements<caf::error>() &&
                           answer.get_as<caf::error>(0) == caf::sec::request_receiver_down;
      if (bounced && bounces < max_bounces)
        return ask<Answer>(account, content, until, lost, std::move(done), bounces + 1);
      done(lost);
    };
    here().request(caf::actor_cast<caf::strong_actor_ptr>(actor), content, left(until), std::move(answered));
  }

  /// Asks the database; likewise.
  template <class Answer, class Command>
  void run(Command command, time_limit until, errc lost, callback<Answer> done) {
    auto& asking = here();
    const auto id = asking.expect(left(until), [done = std::move(done), lost](caf::message answer) {
      const bool arrived = answer.match_elements<result<Answer>>();
      done(arrived ? std::move(answer.get_mutable_as<result<Answer>>(0)) : result<Answer>(lost));
    });
    behind_.rows.run(std::move(command), answer_of<Answer>([&asking, id](result<Answer> answer) {
                       asking.complete(id, caf::make_message(std::move(answer)));
                     }));
  }

  /// Asks the payment desk; likewise.
  template <class Answer, class Command>
  void ask_desk(Command command, time_limit until, errc lost, callback<Answer> done) {
    auto& asking = here();
    const auto id = asking.expect(left(until), [done = std::move(done), lost](caf::message answer) {
      const bool arrived = answer.match_elements<result<Answer>>();
      done(arrived ? std::move(answer.get_mutable_as<result<Answer>>(0)) : result<Answer>(lost));
    });
    behind_.payments.run(std::move(command), answer_of<Answer>([&asking, id](result<Answer> answer) {
                           asking.complete(id, caf::make_message(std::move(answer)));
                         }));
  }

  /// A change without a money effect, within the patience.
  template <class Command, class Made>
  void change(repeatable<Command, Made> call, callback<kept_answer> done) {
    run<kept_answer>(std::move(call), limit(), errc::outcome_unknown, std::move(done));
  }
  /// Rows, within the patience.
  template <class Query, class Answer> void read(Query query, callback<Answer> done) {
    run<Answer>(std::move(query), limit(), errc::database_unavailable, std::move(done));
  }

  bridge& here() {
    return static_cast<bridge&>(*caf::actor_cast<caf::abstract_actor*>(bridges_.at(server::current()->index())
    ));
  }
  const neighbours& behind() const { return behind_; }
  std::chrono::milliseconds patience() const { return patience_; }

private:
  static std::chrono::milliseconds left(time_limit until) {
    return std::max(
        std::chrono::milliseconds(1),
        std::chrono::ceil<std::chrono::milliseconds>(until - time_limit::clock::now())
    );
  }

  neighbours behind_;
  std::chrono::milliseconds patience_;
  std::vector<caf::actor> bridges_;
};

/// The ids of an allocation and of its legs.
void give_ids(allocate_credits& command, time_point now);

} // namespace tessera::http
