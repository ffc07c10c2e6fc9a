#pragma once

#include "actors/support/worker_queue.hpp"
#include "messages/accounts.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "persistence/pg/connection.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tessera {

struct workers_options {
  std::string url;              // a login that may become tessera_api
  std::string application_name; // shows in pg_stat_activity
  unsigned threads = 1;
  std::size_t max_queued = 1'000;
  std::chrono::milliseconds limit{1'500}; // for waiting in the queue, and for one statement
  bool only_reads = false;                // then even what runs is given up at the end
};

/// Threads with a session each that run use cases, each in one transaction of a tenant, behind row-level
/// security. Bounded: what finds the queue full is overloaded, what has waited longer than the limit is not
/// run, and what takes longer is database_unavailable. A use case that throws anything else is internal, and
/// its thread goes on. What still waits when it ends is not run: whoever may be answered has been by then.
class workers {
public:
  explicit workers(workers_options options);
  ~workers();
  workers(const workers&) = delete;

  const workers_options& options() const { return options_; }

  /// Queues `use_case`, whose transaction commits when it gives a value, unless `most` jobs are queued
  /// already. It is not begun after `until`.
  template <class Answer, class UseCase> void submit(
      const tenant_id& tenant,
      std::function<void(result<Answer>)> answer,
      UseCase use_case,
      std::size_t most,
      deadline until
  ) {
    job run = [this, tenant, answer, use_case, until](pg::connection& session) {
      const bool nobody_waits = stopping_ || std::chrono::steady_clock::now() > until;
      answer(nobody_waits ? errc::database_unavailable : in_transaction<Answer>(session, tenant, use_case));
    };
    if (!jobs_.push(std::move(run), most)) answer(errc::overloaded);
  }
  template <class Answer, class UseCase> void submit(
      const tenant_id& tenant, std::function<void(result<Answer>)> answer, UseCase use_case, std::size_t most
  ) {
    submit<Answer>(tenant, std::move(answer), std::move(use_case), most, from_now(options_.limit));
  }

  static deadline from_now(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

private:
  using job = std::function<void(pg::connection&)>;

  template <class Answer, class UseCase>
  result<Answer> in_transaction(pg::connection& session, const tenant_id& tenant, const UseCase& use_case) {
    bool committing = false;
    try {
      if (!session.is_open()) session.open();
      pg::transaction in(session, tenant, options_.limit);
      auto answer = use_case(in);
      if (!answer.ok()) return answer;
      committing = true;
      in.commit();
      return answer;
    } catch (const pg::error& why) {
      spdlog::warn("{}: {}", options_.application_name, why.what());
      return committing && !why.rolled_back() ? errc::outcome_unknown : errc::database_unavailable;
    } catch (const std::exception& why) {
      spdlog::error("{}: {}", options_.application_name, why.what());
      session.close(); // nobody knows where it stands
      return committing ? errc::outcome_unknown : errc::internal;
    }
  }

  void work();

  workers_options options_;
  std::atomic<bool> stopping_{false};
  worker_queue<job> jobs_;
  std::vector<std::thread> threads_;
};

} // namespace tessera
