#include "actors/database/database.hpp"

#include "actors/account/seal.hpp"
#include "actors/database/directory_changes.hpp"
#include "actors/database/invitation_changes.hpp"
#include "actors/database/past_balances.hpp"
#include "actors/database/wording_changes.hpp"
#include "actors/database/workers.hpp"
#include "actors/domain/fraud_rules.hpp"
#include "actors/domain/packages.hpp"
#include "actors/domain/sms_rules.hpp"
#include "actors/providers/sms_codes.hpp"
#include "actors/support/clock.hpp"
#include "actors/support/identifiers.hpp"
#include "actors/support/phone_number.hpp"
#include "actors/support/sha256.hpp"
#include "persistence/stores/account_token_store.hpp"
#include "persistence/stores/alert_store.hpp"
#include "persistence/stores/allocation_store.hpp"
#include "persistence/stores/answer_store.hpp"
#include "persistence/stores/application_store.hpp"
#include "persistence/stores/directory_store.hpp"
#include "persistence/stores/directory_upsert_store.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/grant_store.hpp"
#include "persistence/stores/hold_store.hpp"
#include "persistence/stores/invitation_figures_store.hpp"
#include "persistence/stores/invitation_list_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/key_store.hpp"
#include "persistence/stores/notification_view_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/purchase_store.hpp"
#include "persistence/stores/purchase_view_store.hpp"
#include "persistence/stores/reversal_store.hpp"
#include "persistence/stores/rollup_store.hpp"
#include "persistence/stores/session_store.hpp"
#include "persistence/stores/sms_store.hpp"
#include "persistence/stores/suppression_store.hpp"
#include "persistence/stores/tenant_store.hpp"
#include "persistence/stores/transaction_store.hpp"
#include "persistence/stores/usage_store.hpp"
#include "persistence/stores/user_store.hpp"
#include "persistence/stores/validity_store.hpp"
#include "persistence/stores/webhook_store.hpp"

#include <utility>

namespace tessera {

namespace {

using namespace std::chrono_literals;

// Below the deadline of a request, so that its client hears the reason.
constexpr std::chrono::milliseconds statement_limit = 1'500ms;

constexpr std::size_t most_reports = 8; // that wait: more would not be run in time
constexpr std::size_t most_imports = 8; // likewise

// Rollups are many, and a balance is answered without one; nobody waits for the use of a key: they leave most
// of the queue to others. No rollup is worked on for longer than `gateway::rollup` waits.
constexpr std::size_t share_aside = 16;
constexpr std::chrono::milliseconds rollup_limit = 1'000ms;

std::chrono::milliseconds left_until(deadline until) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
}

std::string prefixed(std::string_view prefix, const uuid& id) {
  return std::string(prefix) + to_string(id);
}

std::string_view id_prefix(entity_type type) {
  return type == entity_type::location ? "loc-" : "org-";
}

/// What is kept of what was made: a key is shown once.
template <class Made> const Made& without_secret(const Made& made) {
  return made;
}
api_key_created without_secret(const api_key_created& made) {
  return {made.id, {}};
}
webhook_secret_made without_secret(const webhook_secret_made& made) {
  return {made.endpoint, false};
}

/// Runs a change whose answer is kept under its key: key, effect and answer commit together, or none.
template <class Call, class UseCase>
result<kept_answer> once(pg::transaction& in, const Call& call, const UseCase& use_case) {
  if (call.key)
    if (auto first = persistence::take_key(in, call.command.tenant, *call.key)) return *first;
  const auto made = use_case(in, call.command);
  if (!made) return made.why();
  if (call.key) persistence::keep_answer(in, *call.key, call.word(without_secret(*made)));
  return call.word(*made);
}

/// From [0, 1).
double chance() {
  std::uint32_t bits = 0;
  random_bytes(&bits, sizeof bits);
  return bits / 4294967296.0;
}

/// What the provider of an SMS tells after it was sent.
result<sms_told_answer> take_in(pg::transaction& in, const sms_told& told) {
  const auto found = persistence::find_sms(in, told);
  if (!found) return sms_told_answer{false};
  const auto why = failure_of_carriage(told.code);
  delivery_outcome failure{
      why.failure,
      "the carrier did not deliver it, code " + std::to_string(told.code),
      told.provider_id,
      {},
      why.opted_out};
  const auto report =
      after_telling(found->status, found->is_last, found->attempts, told.state, std::move(failure), chance());
  if (!report) return sms_told_answer{true};
  persistence::conclude_sms(in, found->id, told.provider_id, *report);
  if (report->outcome.failure == delivery_failure::permanent_recipient)
    persistence::suppress_recipient_of_sms(in, found->id, why.opted_out ? "optout" : "bounce");
  return sms_told_answer{true};
}

} // namespace

class database::implementation {
public:
  implementation(const database_options& chosen, node_incarnation writer, const clock& time)
      : writer_(writer), time_(time), secret_(chosen.secret), told_(chosen.told),
        flaw_of_target_(chosen.flaw_of_target),
        rows_({chosen.url, "tessera-api", chosen.workers, chosen.max_queued, statement_limit}),
        reads_({chosen.url, "tessera-reads", chosen.workers, chosen.max_queued, statement_limit}),
        reports_({chosen.url, "tessera-reports", 1, most_reports, chosen.report_limit, true}),
        imports_({chosen.url, "tessera-imports", 1, most_imports, chosen.import_limit}) {}

  template <class Answer, class UseCase>
  void submit(const tenant_id& tenant, answer_of<Answer> answer, UseCase use_case) {
    rows_.submit<Answer>(tenant, std::move(answer), std::move(use_case), rows_.options().max_queued);
  }
  /// The same, but most of the queue is left to others.
  template <class Answer, class UseCase>
  void submit_aside(const tenant_id& tenant, answer_of<Answer> answer, UseCase use_case) {
    rows_.submit<Answer>(
        tenant, std::move(answer), std::move(use_case), rows_.options().max_queued / share_aside + 1
    );
  }
  /// Lists and the past may take as long as a statement may: nobody who writes waits for one.
  template <class Answer, class UseCase>
  void submit_read(const tenant_id& tenant, answer_of<Answer> answer, UseCase use_case) {
    reads_.submit<Answer>(tenant, std::move(answer), std::move(use_case), reads_.options().max_queued);
  }
  /// The same, but most of the queue is left to others.
  void submit_rollup(rollup_query query, answer_of<balance_rollup> answer) {
    const auto until = workers::from_now(rollup_limit);
    const auto total_of = [query, until, now = now()](pg::transaction& in) {
      in.limit_statements(left_until(until));
      return result<balance_rollup>(persistence::rollup_of(in, query, now));
    };
    const auto share = reads_.options().max_queued / share_aside + 1;
    reads_.submit<balance_rollup>(query.tenant, std::move(answer), total_of, share, until);
  }
  /// Reports have a thread of their own: nobody else waits for one.
  template <class Answer, class UseCase>
  void submit_report(const tenant_id& tenant, answer_of<Answer> answer, UseCase use_case) {
    reports_.submit<Answer>(tenant, std::move(answer), std::move(use_case), most_reports);
  }

  time_point now() const { return time_.now(); }
  /// Queues a change whose answer is kept under its key: key, effect and answer commit together, or none.
  template <class Command, class Made, class UseCase>
  void submit_once(repeatable<Command, Made> call, answer_of<kept_answer> answer, UseCase use_case) {
    const auto tenant = call.command.tenant;
    submit<kept_answer>(tenant, std::move(answer), [call = std::move(call), use_case](pg::transaction& in) {
      return once(in, call, use_case);
    });
  }

  /// The same for what writes more than others: it has a thread and a longer limit of its own.
  template <class Command, class Made, class UseCase>
  void import_once(repeatable<Command, Made> call, answer_of<kept_answer> answer, UseCase use_case) {
    const auto tenant = call.command.tenant;
    imports_.submit<kept_answer>(
        tenant,
        std::move(answer),
        [call = std::move(call), use_case](pg::transaction& in) { return once(in, call, use_case); },
        most_imports
    );
  }
  /// The same for what needs nothing but the command.
  template <class Command, class Made>
  void change(repeatable<Command, Made> call, answer_of<kept_answer> answer) {
    submit_once(std::move(call), std::move(answer), [](pg::transaction& in, const Command& wanted) {
      return carry_out(in, wanted);
    });
  }
  /// One thing that is there, or the rejection.
  template <class Found, class Query, class Find>
  void find(Query query, errc unknown, answer_of<Found> answer, Find look) {
    const auto tenant = query.tenant;
    submit<Found>(tenant, std::move(answer), [query = std::move(query), unknown, look](pg::transaction& in) {
      auto found = look(in, query);
      return found ? result<Found>(std::move(*found)) : result<Found>(unknown);
    });
  }
  template <class Page, class Query, class Read>
  void list(const tenant_id& tenant, Query query, answer_of<Page> answer, Read read) {
    submit_read<Page>(tenant, std::move(answer), [query = std::move(query), read](pg::transaction& in) {
      return result<Page>(read(in, query));
    });
  }

  uuid new_id() const { return make_uuid(time_.now()); }
  const token_secret* secret() const { return secret_; }

  persistence::new_account account_for(const tenant_id& tenant, time_point opened_at) const {
    const account_id id{make_uuid(opened_at)};
    return {id, opened_at, writer_, genesis_entry(id, tenant, opened_at, writer_).hash};
  }

  /// webhook_target_refused, with the reason.
  rejection judge_target(const std::string& url) const {
    if (!flaw_of_target_) return errc::webhook_target_refused;
    auto flaw = flaw_of_target_(url);
    return flaw.empty() ? rejection(errc::ok) : rejection(errc::webhook_target_refused, std::move(flaw));
  }
  /// The answer, after which whoever listens for events is told that there are some.
  template <class Answer> answer_of<Answer> telling(answer_of<Answer> answer) const {
    if (!told_) return answer;
    return [told = told_, answer = std::move(answer)](result<Answer> got) {
      const bool happened = got.ok();
      answer(std::move(got));
      if (happened) told();
    };
  }

private:
  node_incarnation writer_;
  const clock& time_;
  const token_secret* secret_;
  std::function<void()> told_;
  std::function<std::string(const std::string& url)> flaw_of_target_;
  workers rows_;
  workers reads_;
  workers reports_;
  workers imports_;
};

database::database(database_options options, node_incarnation writer, const clock& time)
    : implementation_(std::make_unique<implementation>(options, writer, time)) {}
database::~database() = default;

void database::run(repeatable<create_entity, entity_created> call, answer_of<kept_answer> answer) {
  auto& command = call.command;
  const auto account = implementation_->account_for(command.tenant, implementation_->now());
  if (command.ref.id.empty())
    command.ref.id = prefixed(id_prefix(command.ref.type), implementation_->new_id());
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [account](pg::transaction& in, const create_entity& wanted) { return carry_out(in, wanted, account); }
  );
}

void database::run(repeatable<create_application, application_created> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}
void database::run(repeatable<edit_entity, entity_view> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}
void database::run(repeatable<delete_entity, entity_deleted> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}
void database::run(repeatable<edit_application, application_view> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}
void database::run(repeatable<delete_application, application_deleted> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}
void database::run(repeatable<edit_api_key, api_key_view> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}
void database::run(repeatable<revoke_api_key, api_key_revoked> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}
void database::run(repeatable<edit_user, user_view> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}
void database::run(repeatable<remove_user, user_removed> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}
void database::run(repeatable<edit_tenant, tenant_view> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}

void database::run(repeatable<upsert_directory, directory_upserted> call, answer_of<kept_answer> answer) {
  // One instant for all of them, read when it begins.
  implementation_->import_once(
      std::move(call),
      std::move(answer),
      [made_by = implementation_.get()](pg::transaction& in, const upsert_directory& wanted) {
        const auto opened_at = made_by->now();
        return carry_out(in, wanted, [&] { return made_by->account_for(wanted.tenant, opened_at); });
      }
  );
}

void database::run(repeatable<create_api_key, api_key_created> call, answer_of<kept_answer> answer) {
  const api_key_created made{prefixed("key-", implementation_->new_id()), make_api_key()};
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [made](pg::transaction& in, const create_api_key& wanted) {
        return carry_out(in, wanted, made, sha256::local()(made.key));
      }
  );
}

/// A tenant has no tenant to keep its key in: the same call makes a tenant of the same number, and meets
/// itself there. Where the tenant is there already nothing is made in it, whatever is left of the first
/// answer.
void database::run(repeatable<create_tenant, tenant_created> call, answer_of<kept_answer> answer) {
  auto& command = call.command;
  command.tenant = tenant_id{call.key ? call.key->key : implementation_->new_id()};
  if (command.id.empty()) command.id = prefixed("tnt-", command.tenant.value);
  command.admin.id = prefixed("usr-", implementation_->new_id());
  const auto account = implementation_->account_for(command.tenant, implementation_->now());
  implementation_->submit<kept_answer>(
      command.tenant,
      std::move(answer),
      [call, account](pg::transaction& in) -> result<kept_answer> {
        try {
          if (!persistence::insert_tenant(in, call.command)) {
            if (!call.key) return errc::id_taken;
            return persistence::find_answer(in, *call.key).value_or(errc::idempotency_key_reused);
          }
          return once(in, call, [&](pg::transaction& there, const create_tenant& wanted) {
            return carry_out(there, wanted, account);
          });
        } catch (const pg::error& why) {
          if (why.constraint() == "tenants_id_taken") return errc::id_taken;
          throw;
        }
      }
  );
}

void database::run(repeatable<create_package, credit_package> call, answer_of<kept_answer> answer) {
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [](pg::transaction& in, const create_package& wanted) -> result<credit_package> {
        credit_package fresh;
        fresh.id = wanted.package_id;
        auto made = with_terms(std::move(fresh), wanted.terms);
        if (!made) return made;
        const auto code = persistence::create_package(in, wanted.tenant, *made);
        return code == errc::ok ? made : result<credit_package>(code);
      }
  );
}

void database::run(repeatable<edit_package, credit_package> call, answer_of<kept_answer> answer) {
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [](pg::transaction& in, const edit_package& wanted) -> result<credit_package> {
        const auto before = persistence::find_package(
            in, wanted.tenant, wanted.package_id, persistence::row_lock::for_update
        );
        if (!before) return errc::package_unknown;
        auto after = edited(*before, wanted);
        if (after && *after != *before) persistence::update_package(in, wanted.tenant, *after);
        return after;
      }
  );
}

void database::run(entity_query query, answer_of<entity_view> answer) {
  implementation_->find(std::move(query), errc::entity_unknown, std::move(answer), persistence::find_entity);
}
void database::run(application_query query, answer_of<application_view> answer) {
  implementation_->find(
      std::move(query), errc::application_unknown, std::move(answer), persistence::find_application
  );
}
void database::run(api_key_query query, answer_of<api_key_view> answer) {
  implementation_->find(
      std::move(query), errc::api_key_unknown, std::move(answer), persistence::find_api_key
  );
}
void database::run(user_query query, answer_of<user_view> answer) {
  implementation_->find(std::move(query), errc::user_unknown, std::move(answer), persistence::find_user);
}
void database::run(tenant_query query, answer_of<tenant_view> answer) {
  implementation_->find(
      query,
      errc::tenant_unknown,
      std::move(answer),
      [](pg::transaction& in, const tenant_query& wanted) {
        return persistence::find_tenant(in, wanted.tenant);
      }
  );
}
void database::run(kept_answer_query query, answer_of<kept_answer> answer) {
  implementation_->submit<kept_answer>(query.tenant, std::move(answer), [query](pg::transaction& in) {
    return persistence::find_answer(in, query.key).value_or(errc::entity_unknown);
  });
}

void database::run(list_entities query, answer_of<entity_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::entities_of);
}
void database::run(list_applications query, answer_of<application_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::applications_of);
}
void database::run(read_directory query, answer_of<directory_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::directory_of);
}
void database::run(list_api_keys query, answer_of<api_key_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::api_keys_of);
}
void database::run(list_users query, answer_of<user_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::users_of);
}
void database::run(list_tenants query, answer_of<tenant_page> answer) {
  const tenant_id none{};
  implementation_->list(none, std::move(query), std::move(answer), persistence::tenants_of);
}

void database::note(api_key_used used) {
  const auto tenant = used.tenant;
  implementation_->submit_aside<bool>(
      tenant,
      [](const result<bool>&) {},
      [used = std::move(used)](pg::transaction& in) {
        persistence::note_key_use(in, used);
        return result<bool>(true);
      }
  );
}

void database::run(list_packages query, answer_of<package_list> answer) {
  implementation_->submit<package_list>(query.tenant, std::move(answer), [query](pg::transaction& in) {
    return result<package_list>(persistence::packages_of(in, query));
  });
}

void database::run(package_query query, answer_of<credit_package> answer) {
  const auto tenant = query.tenant;
  implementation_->submit<credit_package>(tenant, std::move(answer), [query](pg::transaction& in) {
    const auto found = persistence::find_package(in, query.tenant, query.package_id);
    return found ? result<credit_package>(*found) : errc::package_unknown;
  });
}

void database::run(purchase_credits command, answer_of<purchase_accepted> answer) {
  const auto tenant = command.tenant;
  const persistence::purchase_ids ids{
      prefixed("pur-", implementation_->new_id()),
      inbox_id{implementation_->new_id()},
      lot_id{implementation_->new_id()},
  };
  persistence::purchase_judge by;
  by.rules = [](const std::vector<fraud_rule>& said) { return with_rules(default_fraud_rules(), said); };
  by.judge = judge;
  by.new_flag_id = [this] { return prefixed("flag-", implementation_->new_id()); };
  implementation_->submit<purchase_accepted>(
      tenant,
      std::move(answer),
      [command, ids, by = std::move(by)](pg::transaction& in) {
        return persistence::purchase(in, command, ids, by);
      }
  );
}

void database::run(purchase_query query, answer_of<purchase_receipt> answer) {
  implementation_->submit<purchase_receipt>(query.tenant, std::move(answer), [query](pg::transaction& in) {
    return persistence::receipt_of(in, query);
  });
}

void database::run(grant_credits command, answer_of<grant_accepted> answer) {
  const auto tenant = command.tenant;
  const persistence::grant_ids ids{inbox_id{implementation_->new_id()}, lot_id{implementation_->new_id()}};
  implementation_->submit<grant_accepted>(tenant, std::move(answer), [command, ids](pg::transaction& in) {
    return persistence::grant(in, command, ids);
  });
}

void database::run(grant_query query, answer_of<grant_receipt> answer) {
  implementation_->submit<grant_receipt>(query.tenant, std::move(answer), [query](pg::transaction& in) {
    return persistence::receipt_of_grant(in, query);
  });
}

void database::run(reversible_query query, answer_of<reversible_spend> answer) {
  implementation_->submit<reversible_spend>(query.tenant, std::move(answer), [query](pg::transaction& in) {
    return persistence::find_reversible(in, query);
  });
}

void database::run(list_purchases query, answer_of<purchase_page> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_read<purchase_page>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<purchase_page>(persistence::purchases_of(in, query));
  });
}

void database::run(find_purchase query, answer_of<purchase_view> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_read<purchase_view>(tenant, std::move(answer), [query](pg::transaction& in) {
    return persistence::purchase_of(in, query);
  });
}

void database::run(allocation_query query, answer_of<allocation> answer) {
  const auto tenant = query.tenant;
  implementation_->submit<allocation>(tenant, std::move(answer), [query](pg::transaction& in) {
    return persistence::allocation_of(in, query);
  });
}

void database::run(list_allocations query, answer_of<allocation_page> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_read<allocation_page>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<allocation_page>(persistence::allocations_of(in, query));
  });
}

void database::run(list_transactions query, answer_of<transaction_page> answer) {
  const auto tenant = query.of.tenant;
  implementation_->submit_read<transaction_page>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<transaction_page>(persistence::transactions_of(in, query));
  });
}

void database::run(validity_query query, answer_of<validity> answer) {
  implementation_->find(query, errc::tenant_unknown, std::move(answer), persistence::find_validity);
}

void database::run(hold_query query, answer_of<hold_view> answer) {
  const auto now = implementation_->now();
  implementation_->find<hold_view>(
      std::move(query),
      errc::hold_unknown,
      std::move(answer),
      [now](pg::transaction& in, const hold_query& wanted) { return persistence::find_hold(in, wanted, now); }
  );
}
void database::run(list_holds query, answer_of<hold_page> answer) {
  const auto tenant = query.of.of.tenant;
  const auto now = implementation_->now();
  implementation_->list<hold_page>(
      tenant,
      std::move(query),
      std::move(answer),
      [now](pg::transaction& in, const list_holds& wanted) { return persistence::holds_of(in, wanted, now); }
  );
}

void database::run(rollup_query query, answer_of<balance_rollup> answer) {
  implementation_->submit_rollup(query, std::move(answer));
}

void database::run(past_balance_query query, answer_of<balance_view> answer) {
  const auto tenant = query.tenant;
  // What it waits for a worker is not left for folding: its client hears the reason in time.
  const auto until = workers::from_now(statement_limit);
  implementation_->submit_read<balance_view>(
      tenant,
      std::move(answer),
      [query = std::move(query), until](pg::transaction& in) { return balance_at(in, query, until); }
  );
}

void database::run(usage_query query, answer_of<usage_report> answer) {
  const auto tenant = query.of.tenant;
  implementation_->submit_report<usage_report>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<usage_report>(persistence::usage_of(in, query));
  });
}

void database::run(find_candidate query, answer_of<sign_in_candidate> answer) {
  implementation_->submit<sign_in_candidate>(tenant_id{}, std::move(answer), [query](pg::transaction& in) {
    return result<sign_in_candidate>(persistence::candidate(in, query));
  });
}

void database::run(open_session command, answer_of<session_opened> answer) {
  const auto tenant = command.tenant;
  const auto session = implementation_->new_id();
  implementation_->submit<session_opened>(tenant, std::move(answer), [command, session](pg::transaction& in) {
    return result<session_opened>(persistence::open_session(in, command, session));
  });
}

void database::run(renew_session command, answer_of<session_opened> answer) {
  implementation_->submit<session_opened>(tenant_id{}, std::move(answer), [command](pg::transaction& in) {
    return result<session_opened>(persistence::renew_session(in, command));
  });
}

void database::run(end_session command, answer_of<session_ended> answer) {
  const auto tenant = command.tenant.value_or(tenant_id{});
  implementation_->submit<session_ended>(tenant, std::move(answer), [command](pg::transaction& in) {
    return result<session_ended>(persistence::end_session(in, command));
  });
}

void database::run(link_identity command, answer_of<identity_linked> answer) {
  const auto tenant = command.tenant;
  implementation_->submit<identity_linked>(tenant, std::move(answer), [command](pg::transaction& in) {
    return result<identity_linked>(persistence::link_identity(in, command));
  });
}

namespace {

/// Nil where it is found out in the transaction.
template <class Command> tenant_id tenant_of(const Command& command) {
  if constexpr (requires { command.tenant; })
    return command.tenant;
  else
    return tenant_id{};
}

} // namespace

void database::run(invitation_call call, answer_of<invitation_answer> answer) {
  const invitation_means means{
      implementation_->secret(),
      prefixed("inv-", implementation_->new_id()),
      prefixed("usr-", implementation_->new_id()),
      inbox_id{implementation_->new_id()}};
  const auto tenant = std::visit([](const auto& one) { return tenant_of(one); }, call.what);
  implementation_->submit<invitation_answer>(
      tenant,
      std::move(answer),
      [call = std::move(call), means](pg::transaction& in) {
        return std::visit([&](const auto& one) { return carry_out(in, one, means); }, call.what);
      }
  );
}

void database::run(preview_invitation query, answer_of<invitation_preview> answer) {
  implementation_->submit<invitation_preview>(tenant_id{}, std::move(answer), [query](pg::transaction& in) {
    return preview(in, query);
  });
}

void database::run(invitation_query query, answer_of<invitation_view> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_read<invitation_view>(tenant, std::move(answer), [query](pg::transaction& in) {
    auto found = persistence::find_invitation(in, query.tenant, query.id);
    return result<invitation_view>(found ? std::move(*found) : invitation_view());
  });
}
void database::run(invitation_figures_query query, answer_of<invitation_figures> answer) {
  const auto tenant = query.of.tenant;
  implementation_->submit_report<invitation_figures>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<invitation_figures>(persistence::figures_of(in, query));
  });
}
void database::run(list_invitations query, answer_of<invitation_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::invitations_of);
}
void database::run(list_own_invitations query, answer_of<invitation_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::invitations_to);
}
void database::run(list_activities query, answer_of<activity_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::activities_of);
}

void database::run(profile_query query, answer_of<user_profile> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_read<user_profile>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<user_profile>(persistence::profile_of(in, query.tenant, query.user));
  });
}

void database::run(forgot_password command, answer_of<password_forgotten> answer) {
  implementation_->submit<password_forgotten>(
      tenant_id{},
      implementation_->telling(std::move(answer)),
      [command](pg::transaction& in) {
        persistence::tell_forgotten(in, command.email_key, command.tenant);
        return result<password_forgotten>(password_forgotten{});
      }
  );
}

void database::run(account_token_query query, answer_of<account_token_found> answer) {
  implementation_->submit<account_token_found>(tenant_id{}, std::move(answer), [query](pg::transaction& in) {
    return result<account_token_found>(persistence::find_token(in, query));
  });
}

void database::run(reset_password command, answer_of<password_was_reset> answer) {
  implementation_->submit<password_was_reset>(tenant_id{}, std::move(answer), [command](pg::transaction& in) {
    return result<password_was_reset>(persistence::reset_password(in, command));
  });
}

void database::run(verify_email command, answer_of<email_verified> answer) {
  implementation_->submit<email_verified>(tenant_id{}, std::move(answer), [command](pg::transaction& in) {
    return result<email_verified>(persistence::verify_email(in, command));
  });
}

void database::run(sms_told told, answer_of<sms_told_answer> answer) {
  implementation_->submit<sms_told_answer>(
      tenant_id{},
      implementation_->telling(std::move(answer)), // what failed for now is sent again
      [told = std::move(told)](pg::transaction& in) { return take_in(in, told); }
  );
}

void database::run(sms_wish wish, answer_of<sms_wish_kept> answer) {
  implementation_
      ->submit<sms_wish_kept>(tenant_id{}, std::move(answer), [wish = std::move(wish)](pg::transaction& in) {
        persistence::keep_wish(in, wish, masked_phone(wish.number));
        return result<sms_wish_kept>(sms_wish_kept{});
      });
}

void database::run(list_notifications query, answer_of<notification_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::notifications_of);
}

void database::run(repeatable<retry_notification, notification_view> call, answer_of<kept_answer> answer) {
  implementation_->submit_once(
      std::move(call),
      implementation_->telling(std::move(answer)),
      [](pg::transaction& in, const retry_notification& wanted) { return persistence::retry(in, wanted); }
  );
}

void database::run(list_webhook_endpoints query, answer_of<webhook_endpoint_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::webhook_endpoints_of);
}

void database::run(webhook_endpoint_query query, answer_of<webhook_endpoint> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_read<webhook_endpoint>(tenant, std::move(answer), [query](pg::transaction& in) {
    return persistence::find_webhook_endpoint(in, query);
  });
}

void database::run(
    repeatable<create_webhook_endpoint, webhook_secret_made> call, answer_of<kept_answer> answer
) {
  call.command.endpoint.id = prefixed("whe-", implementation_->new_id());
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [by = implementation_.get(
       )](pg::transaction& in, const create_webhook_endpoint& wanted) -> result<webhook_secret_made> {
        if (auto flaw = by->judge_target(wanted.endpoint.url); flaw.code != errc::ok) return flaw;
        const auto made = persistence::insert_webhook_endpoint(in, wanted);
        if (!made) return made.why();
        return webhook_secret_made{*made};
      }
  );
}

void database::run(
    repeatable<rotate_webhook_secret, webhook_secret_made> call, answer_of<kept_answer> answer
) {
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [](pg::transaction& in, const rotate_webhook_secret& wanted) -> result<webhook_secret_made> {
        const auto made = persistence::rotate_secret(in, wanted);
        if (!made) return made.why();
        return webhook_secret_made{*made};
      }
  );
}

void database::run(repeatable<edit_webhook_endpoint, webhook_endpoint> call, answer_of<kept_answer> answer) {
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [by = implementation_.get()](pg::transaction& in, const edit_webhook_endpoint& wanted) {
        const auto flaw = wanted.url ? by->judge_target(*wanted.url) : rejection(errc::ok);
        return flaw.code == errc::ok ? persistence::update_webhook_endpoint(in, wanted)
                                     : result<webhook_endpoint>(flaw);
      }
  );
}

void database::run(
    repeatable<delete_webhook_endpoint, webhook_endpoint_deleted> call, answer_of<kept_answer> answer
) {
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [](pg::transaction& in, const delete_webhook_endpoint& wanted) {
        return persistence::remove_webhook_endpoint(in, wanted);
      }
  );
}

void database::run(alert_settings_query query, answer_of<alert_settings> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, query, std::move(answer), persistence::find_alert_settings);
}

void database::run(repeatable<set_alert_settings, alert_settings> call, answer_of<kept_answer> answer) {
  implementation_->submit_once(std::move(call), std::move(answer), persistence::set_alert_settings);
}

void database::run(list_templates query, answer_of<template_list> answer) {
  implementation_->list(query.tenant, query, std::move(answer), templates_of);
}

void database::run(template_query query, answer_of<worded_template> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_read<worded_template>(
      tenant,
      std::move(answer),
      [query = std::move(query)](pg::transaction& in) { return find_template(in, query); }
  );
}

void database::run(template_versions_query query, answer_of<template_list> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_read<template_list>(
      tenant,
      std::move(answer),
      [query = std::move(query)](pg::transaction& in) { return versions_of(in, query); }
  );
}

void database::run(repeatable<word_template, worded_template> call, answer_of<kept_answer> answer) {
  implementation_->change(std::move(call), std::move(answer));
}

void database::run(repeatable<test_template, test_message> call, answer_of<kept_answer> answer) {
  implementation_->submit_once(
      std::move(call),
      implementation_->telling(std::move(answer)),
      [](pg::transaction& in, const test_template& wanted) { return carry_out(in, wanted); }
  );
}

void database::run(list_suppressions query, answer_of<suppression_page> answer) {
  const auto tenant = query.tenant;
  implementation_->list(tenant, std::move(query), std::move(answer), persistence::suppressions_of);
}

void database::run(repeatable<add_suppression, suppression_view> call, answer_of<kept_answer> answer) {
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [](pg::transaction& in, const add_suppression& wanted) {
        return result<suppression_view>(persistence::insert_suppression(in, wanted));
      }
  );
}

void database::run(repeatable<remove_suppression, suppression_removed> call, answer_of<kept_answer> answer) {
  implementation_->submit_once(std::move(call), std::move(answer), persistence::delete_suppression);
}

} // namespace tessera
