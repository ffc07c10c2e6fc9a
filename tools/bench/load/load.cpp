#include "tools/bench/load/load.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace tessera::bench {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

constexpr auto tick = 100us; // open loop: requests that are due within it leave together
constexpr auto memory_period = 50ms;
constexpr auto settling =
    5ms; // reading /proc kept the thread busy: what was late because of it does not count
constexpr std::size_t longest_excerpt = 300;

void allow_files(rlim_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::clamp(wanted, limit.rlim_cur, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// The time until the next request of a Poisson process.
nanoseconds pause_of(double rate, std::uint64_t& random) {
  random ^= random >> 12;
  random ^= random << 25;
  random ^= random >> 27;
  const auto uniform = static_cast<double>((random * 0x2545f4914f6cdd1dU >> 11) + 1) * 0x1p-53;
  return nanoseconds{static_cast<std::int64_t>(-std::log(uniform) * 1e9 / rate)};
}

} // namespace

load::load(const load_options& options)
    : options_(options), maker_(options.request), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!options.answers.empty()) answers_.open(options.answers);
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  prctl(PR_SET_TIMERSLACK, 1);
  allow_files(options.connections + 64);
  result_.mode = is_open_loop() ? "open" : "closed";
  result_.connections = options.connections;
  result_.batch = std::max<std::uint64_t>(options.request.batch, 1);
}

load::~load() {
  connections_.clear();
  close(epoll_);
}

load_result load::run() {
  open_connections();
  start(clock::now());
  while (!is_done(clock::now()))
    step();
  give_up(clock::now());
  return std::move(result_);
}

void load::open_connections() {
  connections_.reserve(options_.connections);
  for (std::uint32_t index = 0; index < options_.connections; ++index) {
    connections_.emplace_back(options_.port, epoll_, index).open();
    idle_.push_back(index);
  }
}

void load::start(steady_time now) {
  next_phase_ = now + options_.warm_up;
  advance(now);
  next_due_ = now;
  if (is_open_loop()) return;
  idle_.clear();
  for (auto& each : connections_)
    if (may_send()) send(each, clock::now());
}

void load::step() {
  std::array<epoll_event, 1024> events;
  const auto wait = std::max(patience(clock::now()), nanoseconds{0});
  const timespec timeout{wait / 1s, (wait % 1s).count()};
  const int ready = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  for (int n = 0; n < ready; ++n)
    handle(connections_[events[static_cast<std::size_t>(n)].data.u32]);
  const auto now = clock::now();
  advance(now);
  sample_memory(now);
  release_rested(now);
  dispatch_due(now);
}

nanoseconds load::patience(steady_time now) const {
  auto until = std::min(next_phase_, now + memory_period);
  if (!resting_.empty()) until = std::min(until, resting_.top().first);
  if (is_open_loop() && phase_ != phase::draining) until = std::min(until, std::max(next_due_, now + tick));
  return until - now;
}

bool load::is_done(steady_time now) const {
  if (phase_ == phase::draining) return (waiting_ == 0 && backlog_.empty()) || now >= next_phase_;
  return false;
}

// The phases

void load::advance(steady_time now) {
  if (phase_ == phase::warming && now >= next_phase_) begin_window();
  const bool used_up = options_.limit > 0 && sent_ == options_.limit && waiting_ == 0;
  if (phase_ == phase::measuring && (now >= next_phase_ || used_up)) end_window(now);
}

void load::begin_window() {
  used_before_ = measure(options_.who);
  answered_before_ = result_.total_answered;
  result_.resident.before = resident_bytes(options_.who.service);
  phase_ = phase::measuring;
  window_begin_ = clock::now() + (options_.warm_up > 0s ? settling : 0ms);
  window_end_ = next_phase_ = window_begin_ + options_.measured;
}

void load::end_window(steady_time now) {
  result_.used = measure(options_.who) - used_before_;
  result_.answered_while_used = result_.total_answered - answered_before_;
  window_end_ = std::min(now, next_phase_);
  result_.window = window_end_ - window_begin_;
  phase_ = phase::draining;
  next_phase_ = clock::now() + options_.grace;
}

void load::sample_memory(steady_time now) {
  if (options_.who.service == 0 || now < next_sample_) return;
  next_sample_ = now + memory_period;
  result_.resident.after = resident_bytes(options_.who.service);
  result_.resident.peak = std::max(result_.resident.peak, result_.resident.after);
}

// Sending

bool load::may_send() const {
  return phase_ != phase::draining && (options_.limit == 0 || sent_ < options_.limit);
}

void load::send(connection& on, steady_time counts_from) {
  ++sent_;
  ++waiting_;
  on.send(maker_.next(), counts_from);
}

void load::release_rested(steady_time now) {
  for (; !resting_.empty() && resting_.top().first <= now; resting_.pop())
    use_again(connections_[resting_.top().second], now);
}

void load::dispatch_due(steady_time now) {
  if (!is_open_loop()) return;
  while (!backlog_.empty() && !idle_.empty()) {
    const auto due = backlog_.front();
    backlog_.pop_front();
    dispatch(due);
  }
  for (; may_send() && next_due_ <= now; next_due_ += pause_of(options_.rate, random_)) {
    result_.offered += is_counted(next_due_, now);
    if (is_counted(next_due_, now)) result_.late.record(now - next_due_);
    if (!idle_.empty())
      dispatch(next_due_);
    else if (keeps_backlog(options_.refusal))
      backlog_.push_back(next_due_);
    else
      result_.unsent += is_counted(next_due_, now);
  }
}

void load::dispatch(steady_time due) {
  auto& on = connections_[idle_.front()];
  idle_.pop_front();
  send(on, keeps_backlog(options_.refusal) ? due : clock::now());
}

// Answers

void load::handle(connection& on) {
  reply answer;
  const auto state = on.flush() ? on.receive(answer) : reading::broken;
  if (state == reading::need_more) return;
  if (state == reading::broken) return replace(on);
  if (options_.request.kind == request_kind::hold && answer.status == 201)
    if (const auto capture = maker_.capture_of(answer.body); !capture.empty())
      return on.send(capture, on.counts_from());
  const auto now = clock::now();
  --waiting_;
  account(on, answer, now);
  use_again(on, answer, now);
}

bool load::is_counted(steady_time counts_from, steady_time answered) const {
  const auto decisive = is_open_loop() ? counts_from : answered;
  return decisive >= window_begin_ && decisive < window_end_;
}

void load::account(const connection& on, const reply& answer, steady_time now) {
  ++result_.total_answered;
  const bool accepted = answer.status == options_.expected;
  result_.total_accepted += accepted;
  if (!accepted && !is_refusal(answer.status) && result_.unexpected.empty())
    result_.unexpected = answer.body.substr(0, longest_excerpt);
  if (accepted && answers_.is_open()) answers_ << answer.body << '\n';
  if (!is_counted(on.counts_from(), now)) return;
  ++result_.statuses[answer.status];
  const auto took = now - on.counts_from();
  if (accepted) return result_.accepted.record(took);
  if (!is_refusal(answer.status)) return;
  result_.refused.record(took);
  result_.refused_without_retry_after += answer.retry_after < 0;
}

void load::use_again(connection& on, const reply& answer, steady_time now) {
  if (!is_refusal(answer.status)) return use_again(on, now);
  if (options_.refusal == after_refusal::reconnect) on.open();
  if (options_.refusal == after_refusal::rest)
    resting_.emplace(now + std::chrono::seconds{std::max(answer.retry_after, 0)}, index_of(on));
  else
    use_again(on, now);
}

void load::use_again(connection& on, steady_time now) {
  if (is_open_loop())
    idle_.push_back(index_of(on));
  else if (may_send())
    send(on, now);
}

/// What was under way on it has an unknown outcome; nobody asks again.
void load::replace(connection& on) {
  if (++result_.broken > 10 * connections_.size() + 1000)
    throw std::runtime_error("the service keeps closing connections");
  const bool was_waiting = on.is_waiting();
  on.open();
  if (!was_waiting) return;
  --waiting_;
  use_again(on, clock::now());
}

std::uint32_t load::index_of(const connection& one) const {
  return static_cast<std::uint32_t>(&one - connections_.data());
}

/// Leaving out the requests that took longest would flatter the latency.
void load::give_up(steady_time now) {
  for (const auto& each : connections_) {
    if (!each.is_waiting() || !is_open_loop() || !is_counted(each.counts_from(), now)) continue;
    ++result_.unanswered;
    result_.accepted.record(now - each.counts_from());
  }
  for (const auto due : backlog_) {
    if (!is_counted(due, now)) continue;
    ++result_.unanswered;
    result_.accepted.record(now - due);
  }
}

} // namespace tessera::bench
