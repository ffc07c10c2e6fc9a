#pragma once

#include "messages/invitation_jobs.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace tessera {

class database;

struct invitation_job_options {
  std::chrono::milliseconds interval{200}; // how often it looks for work
  double limits_scale = 1;
  std::string base_url; // of links
  std::function<job_refusal(const rejection&)> word_rejection;
  std::function<job_refusal(const invitation_refusal&)> word_refusal;
};

/// Works on jobs of many invitations, some rows of each at a time, in the transactions of everybody else: a
/// row and its outcome commit together, so that a restart goes on where it stopped, and of two nodes one has
/// a job.
class invitation_job_worker {
public:
  /// `nudge`: has an account look into its inbox, and then calls.
  using nudging = std::function<void(const account_id&, std::function<void()> then)>;

  invitation_job_worker(
      invitation_job_options options, pg::session_options session, database& rows, nudging nudge
  );
  ~invitation_job_worker();
  invitation_job_worker(const invitation_job_worker&) = delete;

private:
  void run();
  /// True: there may be more to do at once.
  bool work();
  bool take_turn(const tenant_id& tenant, const std::string& job);
  bool work_on(const tenant_id& tenant, const std::string& job);

  invitation_job_options options_;
  pg::connection session_;
  database& rows_;
  nudging nudge_;
  bool is_failing_ = false; // told once

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

} // namespace tessera
