#include "actors/database/database.hpp"

#include "actors/account/seal.hpp"
#include "actors/database/job_queue.hpp"
#include "actors/database/past_balances.hpp"
#include "actors/domain/packages.hpp"
#include "actors/support/clock.hpp"
#include "actors/support/identifiers.hpp"
#include "persistence/pg/connection.hpp"
#include "persistence/stores/allocation_store.hpp"
#include "persistence/stores/answer_store.hpp"
#include "persistence/stores/directory_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/purchase_store.hpp"
#include "persistence/stores/purchase_view_store.hpp"
#include "persistence/stores/rollup_store.hpp"
#include "persistence/stores/transaction_store.hpp"
#include "persistence/stores/usage_store.hpp"

#include <spdlog/spdlog.h>

#include <pthread.h>
#include <thread>
#include <utility>
#include <vector>

namespace tessera {

namespace {

using namespace std::chrono_literals;

// Below the deadline of a request, so that its client hears the reason.
constexpr std::chrono::milliseconds statement_limit = 1'500ms;

// Rollups are many, and a balance is answered without one: they leave most of the queue to others. Heavy
// reads take long: no more of them wait than have a chance.
constexpr std::size_t small_share = 16;

pg::session_options api_session(std::string url) {
  return {
      .url = std::move(url),
      .role = "tessera_api",
      .application_name = "tessera-api",
      .settings =
          {"jit=off",
           "statement_timeout=1500",
           "lock_timeout=1000",
           "idle_in_transaction_session_timeout=3000"},
      .connect_timeout = 1'000ms,
  };
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
  implementation(database_options chosen, node_incarnation writer, const clock& time)
      : options_(std::move(chosen)), writer_(writer), time_(time), jobs_(options_.workers) {
    for (unsigned i = 0; i < options_.workers; ++i)
      threads_.emplace_back([this] { work(); });
  }

  ~implementation() {
    jobs_.stop();
    for (auto& thread : threads_)
      thread.join();
  }

  /// Queues `use_case`, which runs in one transaction of the tenant that commits when it gives a value. A job
  /// that has waited longer than anybody waits for it is not run.
  template <class Answer, class UseCase>
  void submit(const tenant_id& tenant, answer_of<Answer> answer, UseCase use_case) {
    submit(tenant, std::move(answer), std::move(use_case), job_weight::light, options_.max_queued);
  }
  /// The same for reads that nobody's writing waits for.
  template <class Answer, class UseCase>
  void submit_heavy(const tenant_id& tenant, answer_of<Answer> answer, UseCase use_case) {
    submit(tenant, std::move(answer), std::move(use_case), job_weight::heavy, small_queue());
  }
  /// The same, unless `most` jobs of the weight are queued already.
  template <class Answer, class UseCase> void submit(
      const tenant_id& tenant, answer_of<Answer> answer, UseCase use_case, job_weight weight, std::size_t most
  ) {
    const auto until = std::chrono::steady_clock::now() + statement_limit;
    job_queue::job run = [tenant, answer, use_case, until](pg::connection& session) {
      const bool too_late = std::chrono::steady_clock::now() > until;
      answer(too_late ? errc::database_unavailable : in_transaction<Answer>(session, tenant, use_case));
    };
    if (!jobs_.push(std::move(run), weight, most)) answer(errc::overloaded);
  }

  time_point now() const { return time_.now(); }
  std::size_t small_queue() const { return options_.max_queued / small_share + 1; }
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
  template <class Answer, class UseCase> static result<Answer>
  in_transaction(pg::connection& session, const tenant_id& tenant, const UseCase& use_case) {
    bool committing = false;
    try {
      if (!session.is_open()) session.open();
      pg::transaction in(session, tenant, statement_limit);
      auto answer = use_case(in);
      if (!answer.ok()) return answer;
      committing = true;
      in.commit();
      return answer;
    } catch (const pg::error& why) {
      spdlog::warn("database: {}", why.what());
      return committing && !why.rolled_back() ? errc::outcome_unknown : errc::database_unavailable;
    }
  }

  void work() {
    pthread_setname_np(pthread_self(), "database");
    pg::connection session(api_session(options_.url));
    while (jobs_.run_next(session)) {
    }
  }

  database_options options_;
  node_incarnation writer_;
  const clock& time_;
  job_queue jobs_;
  std::vector<std::thread> threads_;
};

database::database(database_options options, node_incarnation writer, const clock& time)
    : implementation_(std::make_unique<implementation>(std::move(options), writer, time)) {}
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
  implementation_->submit_heavy<purchase_page>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<purchase_page>(persistence::purchases_of(in, query));
  });
}

void database::run(find_purchase query, answer_of<purchase_view> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_heavy<purchase_view>(tenant, std::move(answer), [query](pg::transaction& in) {
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
  implementation_->submit_heavy<allocation_page>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<allocation_page>(persistence::allocations_of(in, query));
  });
}

void database::run(list_transactions query, answer_of<transaction_page> answer) {
  const auto tenant = query.of.tenant;
  implementation_->submit_heavy<transaction_page>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<transaction_page>(persistence::transactions_of(in, query));
  });
}

void database::run(rollup_query query, answer_of<balance_rollup> answer) {
  implementation_->submit<balance_rollup>(
      query.tenant,
      std::move(answer),
      [query, now = implementation_->now()](pg::transaction& in) {
        return result<balance_rollup>(persistence::rollup_of(in, query, now));
      },
      job_weight::light,
      implementation_->small_queue()
  );
}

void database::run(past_balance_query query, answer_of<balance_view> answer) {
  const auto tenant = query.tenant;
  implementation_->submit_heavy<balance_view>(
      tenant,
      std::move(answer),
      [query = std::move(query)](pg::transaction& in) { return balance_at(in, query, statement_limit); }
  );
}

void database::run(usage_query query, answer_of<usage_report> answer) {
  const auto tenant = query.of.tenant;
  implementation_->submit_heavy<usage_report>(tenant, std::move(answer), [query](pg::transaction& in) {
    return result<usage_report>(persistence::usage_of(in, query));
  });
}

} // namespace tessera
