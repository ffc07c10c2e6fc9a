#include "actors/database/database.hpp"

#include "actors/account/seal.hpp"
#include "actors/database/past_balances.hpp"
#include "actors/database/workers.hpp"
#include "actors/domain/packages.hpp"
#include "actors/support/clock.hpp"
#include "actors/support/identifiers.hpp"
#include "persistence/stores/allocation_store.hpp"
#include "persistence/stores/answer_store.hpp"
#include "persistence/stores/directory_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/purchase_store.hpp"
#include "persistence/stores/purchase_view_store.hpp"
#include "persistence/stores/rollup_store.hpp"
#include "persistence/stores/transaction_store.hpp"
#include "persistence/stores/usage_store.hpp"

#include <utility>

namespace tessera {

namespace {

using namespace std::chrono_literals;

// Below the deadline of a request, so that its client hears the reason.
constexpr std::chrono::milliseconds statement_limit = 1'500ms;

constexpr std::size_t most_reports = 8; // that wait: more would not be run in time

// Rollups are many, and a balance is answered without one: they leave most of the queue to others, and none
// is worked on for longer than `gateway::rollup` waits.
constexpr std::size_t rollup_share = 16;
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

} // namespace

class database::implementation {
public:
  implementation(const database_options& chosen, node_incarnation writer, const clock& time)
      : writer_(writer), time_(time),
        rows_({chosen.url, "tessera-api", chosen.workers, chosen.max_queued, statement_limit}),
        reads_({chosen.url, "tessera-reads", chosen.workers, chosen.max_queued, statement_limit}),
        reports_({chosen.url, "tessera-reports", 1, most_reports, chosen.report_limit, true}) {}

  template <class Answer, class UseCase>
  void submit(const tenant_id& tenant, answer_of<Answer> answer, UseCase use_case) {
    rows_.submit<Answer>(tenant, std::move(answer), std::move(use_case), rows_.options().max_queued);
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
    const auto share = reads_.options().max_queued / rollup_share + 1;
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
    submit<kept_answer>(
        tenant,
        std::move(answer),
        [call = std::move(call), use_case](pg::transaction& in) -> result<kept_answer> {
          if (call.key)
            if (auto first = persistence::take_key(in, call.command.tenant, *call.key)) return *first;
          const result<Made> made = use_case(in, call.command);
          if (!made) return made.why();
          auto told = call.word(*made);
          if (call.key) persistence::keep_answer(in, *call.key, told);
          return told;
        }
    );
  }

  uuid new_id() const { return make_uuid(time_.now()); }

  persistence::new_account account_for(const tenant_id& tenant) const {
    const auto opened_at = time_.now();
    const account_id id{make_uuid(opened_at)};
    return {id, opened_at, writer_, genesis_entry(id, tenant, opened_at, writer_).hash};
  }

private:
  node_incarnation writer_;
  const clock& time_;
  workers rows_;
  workers reads_;
  workers reports_;
};

database::database(database_options options, node_incarnation writer, const clock& time)
    : implementation_(std::make_unique<implementation>(options, writer, time)) {}
database::~database() = default;

void database::run(repeatable<create_entity, entity_created> call, answer_of<kept_answer> answer) {
  auto& command = call.command;
  const auto account = implementation_->account_for(command.tenant);
  if (command.ref.id.empty())
    command.ref.id = prefixed(id_prefix(command.ref.type), implementation_->new_id());
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [account](pg::transaction& in, const create_entity& wanted) -> result<entity_created> {
        const auto code = persistence::create_entity(in, wanted, account);
        if (code != errc::ok) return code;
        return entity_created{wanted.ref, account.account};
      }
  );
}

void database::run(repeatable<create_application, application_created> call, answer_of<kept_answer> answer) {
  implementation_->submit_once(
      std::move(call),
      std::move(answer),
      [](pg::transaction& in, const create_application& wanted) -> result<application_created> {
        const auto code = persistence::create_application(in, wanted);
        if (code != errc::ok) return code;
        return application_created{wanted.id};
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
  implementation_->submit<purchase_accepted>(tenant, std::move(answer), [command, ids](pg::transaction& in) {
    return persistence::purchase(in, command, ids);
  });
}

void database::run(purchase_query query, answer_of<purchase_receipt> answer) {
  implementation_->submit<purchase_receipt>(query.tenant, std::move(answer), [query](pg::transaction& in) {
    return persistence::receipt_of(in, query);
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

} // namespace tessera
