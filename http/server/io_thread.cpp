#include "http/server/io_thread.hpp"

#include "http/server/loop_member.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <pthread.h>
#include <sys/eventfd.h>

namespace tessera::http {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds busy_probe{5};
constexpr milliseconds quiet_probe{25}; // nobody can be refused, so fewer wake-ups

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
      tick_timer_(context_.get_executor()), probe_timer_(context_.get_executor()),
      always_ready_(context_.get_executor(), ::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)),
      guard_(core_->options, steady_us()), jitter_(index) {
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

void io_thread::add(loop_member& joined) {
  joined.slot = members_.size();
  members_.push_back(&joined);
}

void io_thread::remove(loop_member& left) {
  members_[left.slot] = members_.back();
  members_[left.slot]->slot = left.slot;
  members_.pop_back();
}

void io_thread::drain() {
  draining_ = true;
  // Backwards: a connection that ends here puts the last one, which was visited, in its place.
  for (auto at = members_.size(); at-- > 0;)
    if (at < members_.size()) members_[at]->drain();
}

void io_thread::abort() {
  for (auto at = members_.size(); at-- > 0;)
    if (at < members_.size()) members_[at]->abort();
}

/// Shares cost two look-ups, so they are kept while somebody is shed only.
bool io_thread::must_shed(std::uint64_t caller, bool impatient, std::int64_t now_us) {
  auto who = impatient ? standing::impatient : standing::ordinary;
  if (!guard_.is_overloaded()) return guard_.must_shed(now_us, who);
  if (shares_.is_modest(caller, now_us)) who = standing::modest;
  if (guard_.must_shed(now_us, who)) return true;
  shares_.took(caller, now_us);
  return false;
}

bool io_thread::reserve_body(std::size_t bytes) {
  if (large_bodies_ + bytes > options().max_large_body_bytes) return false;
  large_bodies_ += bytes;
  return true;
}

bool io_thread::begin_stream(std::string_view owner) {
  if (streams_ >= options().max_streams) return false;
  auto& of_owner = streams_of_[std::string{owner}];
  if (!owner.empty() && of_owner >= options().max_streams_of_one) return false;
  ++of_owner;
  ++streams_;
  return true;
}

void io_thread::end_stream(std::string_view owner) {
  --streams_;
  const auto of_owner = streams_of_.find(owner);
  if (--of_owner->second == 0) streams_of_.erase(of_owner);
}

std::uint32_t io_thread::jitter(std::uint32_t range) {
  jitter_ = jitter_ * 1'664'525u + 1'013'904'223u;
  return static_cast<std::uint32_t>((std::uint64_t{jitter_} * range) >> 32);
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
  for (auto at = members_.size(); at-- > 0;)
    if (at < members_.size()) members_[at]->tick(now);
}

/// Asks for the readiness of a descriptor that is always ready. The kernel hands out ready descriptors in the
/// order in which they became ready, so the answer comes after all requests that wait in their sockets now:
/// the time it takes is what the next request will wait. A posted job would overtake them.
void io_thread::schedule_probe() {
  probe_timer_.expires_after(guard_.is_quiet() ? quiet_probe : busy_probe);
  probe_timer_.async_wait([this](error_code error) {
    if (error) return;
    always_ready_.async_wait(descriptor::wait_read, [this, asked_us = steady_us()](error_code failure) {
      if (failure) return;
      const auto now = steady_us();
      guard_.probed(now - asked_us, now);
      core_->publish_lag(index_, now - asked_us);
      schedule_probe();
    });
  });
}

} // namespace tessera::http
