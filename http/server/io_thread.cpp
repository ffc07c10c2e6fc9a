#include "http/server/io_thread.hpp"

#include "http/server/connection.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <pthread.h>

namespace tessera::http {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds busy_probe{5};
constexpr milliseconds quiet_probe{25}; // nobody can be refused, so fewer wake-ups

constexpr std::int64_t patience_us = 50'000;

thread_local io_thread* current_thread = nullptr;

/// Deadlines are looked at this often: late by a quarter of the shortest at most.
milliseconds tick_period(const server_options& options) {
  const auto shortest = std::min(options.header_timeout, options.idle_timeout);
  return std::clamp(shortest / 4, milliseconds{5}, milliseconds{200});
}

/// What a caller left in the loop must not end it.
template <class Job> void run_guarded(const char* what, Job&& job) {
  try {
    job();
  } catch (const std::exception& error) {
    spdlog::error("http: {} threw: {}", what, error.what());
  }
}

void repeat(
    std::shared_ptr<steady_timer> timer, milliseconds period, std::shared_ptr<std::function<void()>> tick
) {
  timer->expires_after(period);
  timer->async_wait([timer, period, tick](error_code error) {
    if (error) return;
    run_guarded("a periodic task", *tick);
    repeat(timer, period, tick);
  });
}

} // namespace

io_thread::io_thread(std::shared_ptr<server_core> core, unsigned index)
    : core_(std::move(core)), index_(index), work_(context_.get_executor()),
      tick_timer_(context_.get_executor()), probe_timer_(context_.get_executor()), jitter_(index) {
  output_.reserve(32 * 1024);
}

io_thread::~io_thread() {
  stop();
}

io_thread* io_thread::current() {
  return current_thread;
}

void io_thread::post(std::function<void()> job) {
  if (stopped()) return; // it would never run, and keep alive whatever it holds
  asio::post(context_, [job = std::move(job)] { run_guarded("a posted task", job); });
}

void io_thread::every(milliseconds period, std::function<void()> tick) {
  asio::post(context_, [this, period, shared = std::make_shared<std::function<void()>>(std::move(tick))] {
    periodic_.push_back(std::make_shared<steady_timer>(context_.get_executor()));
    repeat(periodic_.back(), period, shared);
  });
}

void io_thread::start() {
  on_time_us_ = steady_us();
  schedule_tick();
  schedule_probe();
  thread_ = std::thread{[this] { run(); }};
}

void io_thread::run() {
  current_thread = this;
  pthread_setname_np(pthread_self(), ("http-io-" + std::to_string(index_)).c_str());
  while (!context_.stopped())
    run_guarded("a handler", [this] { context_.run(); });
  current_thread = nullptr;
}

void io_thread::stop() {
  if (!thread_.joinable()) return;
  context_.stop();
  thread_.join();
  // What was posted meanwhile holds connections, and those hold this loop: it would never be freed.
  current_thread = this;
  periodic_.clear();
  context_.restart();
  run_guarded("a late task", [this] { context_.poll(); });
  context_.stop();
  current_thread = nullptr;
}

void io_thread::add(connection& joined) {
  joined.set_slot(connections_.size());
  connections_.push_back(&joined);
}

void io_thread::remove(connection& left) {
  connections_[left.slot()] = connections_.back();
  connections_[left.slot()]->set_slot(left.slot());
  connections_.pop_back();
}

void io_thread::drain() {
  draining_ = true;
  // Backwards: a connection that ends here puts the last one, which was visited, in its place.
  for (auto at = connections_.size(); at-- > 0;)
    if (at < connections_.size()) connections_[at]->drain();
}

void io_thread::abort() {
  for (auto at = connections_.size(); at-- > 0;)
    if (at < connections_.size()) connections_[at]->abort();
}

bool io_thread::reserve_body(std::size_t bytes) {
  if (large_bodies_ + bytes > options().max_large_body_bytes) return false;
  large_bodies_ += bytes;
  return true;
}

int io_thread::retry_after_seconds() {
  return 1 + static_cast<int>(++jitter_ % 3);
}

void io_thread::schedule_tick() {
  tick_timer_.expires_after(tick_period(options()));
  tick_timer_.async_wait([this](error_code error) {
    if (error) return;
    tick();
    schedule_tick();
  });
}

void io_thread::tick() {
  const auto now = steady_us();
  for (auto at = connections_.size(); at-- > 0;)
    if (at < connections_.size()) connections_[at]->tick(now);
}

/// The time from the moment the timer was due until a job posted then runs: a round of everything that is
/// queued.
void io_thread::schedule_probe() {
  probe_timer_.expires_after(requests_since_probe_ > 0 ? busy_probe : quiet_probe);
  requests_since_probe_ = 0;
  probe_timer_.async_wait([this](error_code error) {
    if (error) return;
    asio::post(context_, [this, due = probe_timer_.expiry()] {
      const auto lag = std::chrono::steady_clock::now() - due;
      probed(std::chrono::duration_cast<std::chrono::microseconds>(lag).count());
      schedule_probe();
    });
  });
}

/// One late probe is the scheduler's mood, even a few are on a busy machine; a loop that cannot keep up is
/// late every time until it gets less to do.
void io_thread::probed(std::int64_t lag_us) {
  const auto now = steady_us();
  if (milliseconds{lag_us / 1000} < options().max_loop_lag) on_time_us_ = now;
  lagging_ = now - on_time_us_ >= patience_us;
  core_->publish_lag(index_, lag_us);
}

} // namespace tessera::http
