#include "http/gateway.hpp"

#include "actors/directory/directory.hpp"
#include "actors/passwords/password_hasher.hpp"
#include "actors/support/clock.hpp"
#include "actors/support/crash_point.hpp"
#include "actors/support/identifiers.hpp"
#include "http/gateway_holding.hpp"

#include <algorithm>
#include <utility>
#include <vector>

// Answers of the database travel like answers of actors, inside this process only.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::allocation>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::allocation_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::balance_rollup>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::credit_package>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::hold_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::identity_linked>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::package_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::password_verdict>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::purchase_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::purchase_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::session_ended>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::session_opened>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::sign_in_candidate>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<std::string>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::transaction_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::usage_report>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::user_profile>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::validity>)
// Of the directory.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::api_key_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::api_key_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::application_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::application_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::directory_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::entity_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::entity_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::tenant_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::tenant_view>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::user_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::user_view>)

namespace tessera::http {

namespace {

// How long an allocation waits for its legs to arrive; what is late is pending (contract 4 `allocate`).
constexpr std::chrono::milliseconds patience_for_legs{1'000};
// A database that is away must not hold up the live balance for longer (contract 11.5).
constexpr std::chrono::milliseconds rollup_patience{1'000};
// A report may take longer than other calls: more than the database allows it, so that its reason is heard.
constexpr std::chrono::milliseconds report_patience{15'500};

} // namespace

gateway::gateway(neighbours behind, std::chrono::milliseconds patience)
    : implementation_(std::make_unique<implementation>(behind, patience)) {}
gateway::~gateway() = default;

void gateway::attach(io_loop& loop) {
  implementation_->attach(loop);
}

void gateway::consume(consume_credits command, callback<consume_receipt> done) {
  const auto account = command.account;
  implementation_->ask<consume_receipt>(
      account,
      caf::make_message(std::move(command)),
      implementation_->limit(),
      errc::outcome_unknown,
      std::move(done)
  );
}

void gateway::consume(std::vector<consume_credits> spends, batch_callback done) {
  const auto until = implementation_->limit();
  auto send = [this, until](consume_batch slice, callback<consumed_batch> then) {
    const auto account = slice.account;
    implementation_->ask<consumed_batch>(
        account, caf::make_message(std::move(slice)), until, errc::outcome_unknown, std::move(then)
    );
  };
  std::make_shared<consume_batches>(std::move(send), until, std::move(done))->start(std::move(spends));
}

void gateway::consume(consume_atomically batch, callback<atomic_receipt> done) {
  const auto account = batch.account;
  implementation_->ask<atomic_receipt>(
      account,
      caf::make_message(std::move(batch)),
      implementation_->limit(),
      errc::outcome_unknown,
      std::move(done)
  );
}

void gateway::find(hold_query query, callback<hold_view> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_holds query, callback<hold_page> done) {
  implementation_->read(std::move(query), std::move(done));
}

void gateway::balance(balance_query query, callback<balance_view> done) {
  const auto account = query.account;
  implementation_->ask<balance_view>(
      account,
      caf::make_message(std::move(query)),
      implementation_->limit(),
      errc::database_unavailable,
      std::move(done)
  );
}

void gateway::balance(past_balance_query query, callback<balance_view> done) {
  implementation_->run<balance_view>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}

void gateway::rollup(rollup_query query, callback<balance_rollup> done) {
  const auto until = std::min(implementation_->limit(), time_limit::clock::now() + rollup_patience);
  implementation_->run<balance_rollup>(query, until, errc::database_unavailable, std::move(done));
}
void gateway::freeze(change_freeze command, callback<freeze_receipt> done) {
  const auto account = command.account;
  implementation_->ask<freeze_receipt>(
      account,
      caf::make_message(std::move(command)),
      implementation_->limit(),
      errc::outcome_unknown,
      std::move(done)
  );
}

void give_ids(allocate_credits& command, time_point now) {
  command.allocation_id = "alloc-" + to_string(make_uuid(now));
  for (auto& leg : command.legs)
    leg.id = inbox_id{make_uuid(now)};
}

namespace {

std::vector<account_id> receivers_of(const allocate_credits& command) {
  std::vector<account_id> accounts;
  for (const auto& leg : command.legs)
    accounts.push_back(leg.to);
  return accounts;
}

std::vector<account_id> pending_in(const allocation& made) {
  std::vector<account_id> accounts;
  for (const auto& leg : made.legs)
    if (leg.status == leg_status::pending) accounts.push_back(leg.account);
  return accounts;
}

bool has_returned_leg(const allocation& made) {
  return std::ranges::find(made.legs, leg_status::returned, &allocated_leg::status) != made.legs.end();
}

} // namespace

/// One call of `allocate`: debit, nudges, receipt. Once the debit is durable the legs will arrive, whatever
/// is lost on the way to the answer. On one loop only.
class gateway::allocating : public std::enable_shared_from_this<allocating> {
public:
  allocating(implementation& with, tenant_id tenant, callback<allocation_outcome> done)
      : with_(with), tenant_(tenant), done_(std::move(done)), until_(with.limit()) {}

  void debit(allocate_credits command) {
    give_ids(command, with_.behind().time.now());
    const auto account = command.account;
    const auto to = receivers_of(command);
    auto then = [self = shared_from_this(), to](const result<allocation_receipt>& receipt) {
      if (!receipt) return self->done_(receipt.why());
      self->receipt_ = *receipt;
      // Of an old allocation only what is still pending needs a nudge.
      receipt->replayed ? self->read(true) : self->nudge(to);
    };
    with_.ask<allocation_receipt>(
        account,
        caf::make_message(std::move(command)),
        until_,
        errc::outcome_unknown,
        callback<allocation_receipt>(std::move(then))
    );
  }

private:
  void nudge(const std::vector<account_id>& receivers) {
    crash_point("after_debit_before_nudge");
    waiting_for_ = receivers.size();
    const auto patience = std::min(until_ - time_to_read, time_limit::clock::now() + patience_for_legs);
    // Whatever a nudge answers, the receipt tells what the ledger says.
    const callback<inbox_absorbed> then = [self = shared_from_this()](const result<inbox_absorbed>&) {
      if (--self->waiting_for_ == 0) self->read(false);
    };
    for (const auto& receiver : receivers)
      with_.ask<inbox_absorbed>(
          receiver, caf::make_message(absorb_inbox{receiver, {}}), patience, errc::outcome_unknown, then
      );
  }

  void read(bool nudges_what_is_pending) {
    auto then = [self = shared_from_this(), nudges_what_is_pending](result<allocation> made) {
      if (!made) return self->done_(errc::outcome_unknown);
      const auto late = pending_in(*made);
      if (nudges_what_is_pending && !late.empty()) return self->nudge(late);
      if (has_returned_leg(*made)) self->take_back();
      self->done_(allocation_outcome{std::move(*made), self->receipt_.replayed});
    };
    with_.run<allocation>(
        allocation_query{tenant_, {}, entry_place{receipt_.account, receipt_.seq}, {}},
        until_,
        errc::outcome_unknown,
        callback<allocation>(std::move(then))
    );
  }

  /// What comes back is the source's to take in; nobody waits for it.
  void take_back() {
    const auto source = receipt_.account;
    with_.ask<inbox_absorbed>(
        source,
        caf::make_message(absorb_inbox{source, {}}),
        until_,
        errc::outcome_unknown,
        [](const result<inbox_absorbed>&) {}
    );
  }

  implementation& with_;
  tenant_id tenant_;
  callback<allocation_outcome> done_;
  time_limit until_;
  allocation_receipt receipt_;
  std::size_t waiting_for_ = 0;
};

void gateway::allocate(allocate_credits command, tenant_id tenant, callback<allocation_outcome> done) {
  std::make_shared<allocating>(*implementation_, tenant, std::move(done))->debit(std::move(command));
}

void gateway::find(allocation_query query, callback<allocation> done) {
  implementation_->run<allocation>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}
void gateway::list(list_allocations query, callback<allocation_page> done) {
  implementation_->run<allocation_page>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}
void gateway::list(list_packages query, callback<package_list> done) {
  implementation_->run<package_list>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}
void gateway::list(list_transactions query, callback<transaction_page> done) {
  implementation_->run<transaction_page>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}
void gateway::add_up(usage_query query, callback<usage_report> done) {
  const auto until = time_limit::clock::now() + report_patience;
  implementation_->run<usage_report>(std::move(query), until, errc::database_unavailable, std::move(done));
}
void gateway::list(list_purchases query, callback<purchase_page> done) {
  implementation_->run<purchase_page>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}
void gateway::find(validity_query query, callback<validity> done) {
  implementation_->read(query, std::move(done));
}
void gateway::find(package_query query, callback<credit_package> done) {
  implementation_->run<credit_package>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}
void gateway::find(find_purchase query, callback<purchase_view> done) {
  implementation_->run<purchase_view>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}
void gateway::change(repeatable<create_entity, entity_created> call, callback<kept_answer> done) {
  implementation_->run<kept_answer>(
      std::move(call), implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}
void gateway::change(repeatable<create_application, application_created> call, callback<kept_answer> done) {
  implementation_->run<kept_answer>(
      std::move(call), implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}
void gateway::change(repeatable<create_package, credit_package> call, callback<kept_answer> done) {
  implementation_->run<kept_answer>(
      std::move(call), implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}
void gateway::change(repeatable<edit_package, credit_package> call, callback<kept_answer> done) {
  implementation_->run<kept_answer>(
      std::move(call), implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}

void gateway::find(find_candidate query, callback<sign_in_candidate> done) {
  implementation_->run<sign_in_candidate>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}
void gateway::compare(std::string hash, std::string password, callback<password_verdict> done) {
  auto& asking = implementation_->here();
  const auto id = asking.expect(implementation_->patience(), [done = std::move(done)](caf::message answer) {
    const bool arrived = answer.match_elements<result<password_verdict>>();
    done(arrived ? answer.get_as<result<password_verdict>>(0) : result<password_verdict>(errc::overloaded));
  });
  implementation_->behind().passwords.compare(
      std::move(hash),
      std::move(password),
      [&asking, id](result<password_verdict> answer) {
        asking.complete(id, caf::make_message(std::move(answer)));
      }
  );
}
void gateway::hash(std::string password, callback<std::string> done) {
  auto& asking = implementation_->here();
  const auto id = asking.expect(implementation_->patience(), [done = std::move(done)](caf::message answer) {
    const bool arrived = answer.match_elements<result<std::string>>();
    done(arrived ? answer.get_as<result<std::string>>(0) : result<std::string>(errc::overloaded));
  });
  implementation_->behind().passwords.hash(std::move(password), [&asking, id](result<std::string> answer) {
    asking.complete(id, caf::make_message(std::move(answer)));
  });
}
void gateway::open(open_session command, callback<session_opened> done) {
  implementation_->run<session_opened>(
      std::move(command), implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}
void gateway::renew(renew_session command, callback<session_opened> done) {
  implementation_->run<session_opened>(
      std::move(command), implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}
void gateway::end(end_session command, callback<session_ended> done) {
  implementation_->run<session_ended>(
      std::move(command), implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}
void gateway::link(link_identity command, callback<identity_linked> done) {
  implementation_->run<identity_linked>(
      std::move(command), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}
void gateway::find(profile_query query, callback<user_profile> done) {
  implementation_->run<user_profile>(
      std::move(query), implementation_->limit(), errc::database_unavailable, std::move(done)
  );
}

// The directory, people and keys

void gateway::change(repeatable<edit_entity, entity_view> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<delete_entity, entity_deleted> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<edit_application, application_view> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<delete_application, application_deleted> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<upsert_directory, directory_upserted> call, callback<kept_answer> done) {
  const auto until = time_limit::clock::now() + report_patience;
  implementation_->run<kept_answer>(std::move(call), until, errc::outcome_unknown, std::move(done));
}
void gateway::change(repeatable<create_api_key, api_key_created> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<edit_api_key, api_key_view> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<revoke_api_key, api_key_revoked> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<edit_user, user_view> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<remove_user, user_removed> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<create_tenant, tenant_created> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::change(repeatable<edit_tenant, tenant_view> call, callback<kept_answer> done) {
  implementation_->change(std::move(call), std::move(done));
}
void gateway::find(entity_query query, callback<entity_view> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::find(application_query query, callback<application_view> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::find(api_key_query query, callback<api_key_view> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::find(user_query query, callback<user_view> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::find(tenant_query query, callback<tenant_view> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::find(kept_answer_query query, callback<kept_answer> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_entities query, callback<entity_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_applications query, callback<application_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(read_directory query, callback<directory_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_api_keys query, callback<api_key_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_users query, callback<user_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::list(list_tenants query, callback<tenant_page> done) {
  implementation_->read(std::move(query), std::move(done));
}
void gateway::note(api_key_used used) {
  implementation_->behind().rows.note(std::move(used));
}

const directory_view& gateway::tenants() const {
  return implementation_->behind().tenants;
}

void gateway::refresh_directory(directory_question question, std::function<void(bool)> done) {
  auto& asking = implementation_->here();
  const auto id =
      asking.expect(implementation_->patience(), [done = std::move(done)](const caf::message& answer) {
        done(answer.match_elements<bool>() && answer.get_as<bool>(0));
      });
  implementation_->behind().tenants.refresh(std::move(question), [&asking, id](bool reached) {
    asking.complete(id, caf::make_message(reached));
  });
}

} // namespace tessera::http
