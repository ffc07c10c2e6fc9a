#include "actors/timers/invitation_job_worker.hpp"

#include "actors/database/database.hpp"
#include "persistence/stores/invitation_job_store.hpp"

#include <spdlog/spdlog.h>

#include <future>
#include <pthread.h>
#include <utility>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds job_question_limit{2'000};
constexpr std::int64_t most_jobs = 16; // that take turns
constexpr int rows_a_turn = 10;
constexpr auto patience = 10s; // of one step: longer than the database's own
constexpr auto patience_for_account = 1s;

} // namespace

invitation_job_worker::invitation_job_worker(
    invitation_job_options options, pg::session_options session, database& rows, nudging nudge
)
    : options_(std::move(options)), session_(std::move(session)), rows_(rows), nudge_(std::move(nudge)),
      thread_([this] { run(); }) {}

invitation_job_worker::~invitation_job_worker() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
  }
  thread_.join();
}

void invitation_job_worker::run() {
  pthread_setname_np(pthread_self(), "invitation-jobs");
  auto next = steady::now();
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_until(lock, next, [this] { return stopped_; })) {
    lock.unlock();
    const bool more = work();
    next = more ? steady::now() : steady::now() + options_.interval;
    lock.lock();
  }
}

bool invitation_job_worker::work() {
  try {
    if (!session_.is_open()) session_.open();
    bool more = false;
    for (const auto& [tenant, job] : persistence::jobs_to_work_on(session_, most_jobs, job_question_limit))
      more = take_turn(tenant, job) || more;
    is_failing_ = false;
    return more;
  } catch (const std::exception& why) {
    if (!std::exchange(is_failing_, true)) spdlog::warn("invitation jobs: {}", why.what());
    return false;
  }
}

bool invitation_job_worker::take_turn(const tenant_id& tenant, const std::string& job) {
  int rows = 0;
  while (rows < rows_a_turn && work_on(tenant, job))
    ++rows;
  return rows == rows_a_turn;
}

bool invitation_job_worker::work_on(const tenant_id& tenant, const std::string& job) {
  work_on_job step{
      job, options_.limits_scale, options_.base_url, options_.word_rejection, options_.word_refusal};
  auto call = std::make_shared<const invitation_job_call>(invitation_job_call{tenant, std::move(step)});
  const auto told = std::make_shared<std::promise<result<invitation_answer>>>();
  auto answered = told->get_future();
  rows_.run(invitation_call{std::move(call)}, [told](result<invitation_answer> answer) {
    told->set_value(std::move(answer));
  });
  if (answered.wait_for(patience) != std::future_status::ready) return false;
  const auto answer = answered.get();
  if (!answer) return false; // overloaded, or the database is away: later
  for (const auto& account : answer->nudge) {
    const auto absorbed = std::make_shared<std::promise<void>>();
    auto done = absorbed->get_future();
    nudge_(account, [absorbed] { absorbed->set_value(); });
    done.wait_for(patience_for_account);
  }
  return !answer->told.body.empty();
}

} // namespace tessera
