#pragma once

#include "tools/bench/load/connection.hpp"
#include "tools/bench/load/load_result.hpp"
#include "tools/bench/load/process_usage.hpp"
#include "tools/bench/load/request_maker.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <fstream>
#include <queue>
#include <utility>
#include <vector>

namespace tessera::bench {

/// What a client does with a connection on which it was refused.
enum class after_refusal {
  reuse,     // asks again at once, or when the next request is due, which waits until a connection is free
  rest,      // leaves it alone for Retry-After
  insist,    // asks again at once, whatever was answered
  reconnect, // leaves it and asks again on a new one
};

/// Otherwise a request that is due while no connection is free is not sent, and the latency of others counts
/// from when they were sent: no server can help how long they would wait at the client's.
constexpr bool keeps_backlog(after_refusal what) {
  return what == after_refusal::reuse;
}

struct load_options {
  std::uint16_t port = 0;
  std::size_t connections = 1;
  std::chrono::nanoseconds warm_up{0};
  std::chrono::nanoseconds measured{0};
  std::chrono::nanoseconds grace{0}; // for answers after the end
  double rate = 0;                   // requests per second, come what may; 0: closed loop
  std::uint64_t limit = 0;           // requests altogether; 0: as many as the time allows
  after_refusal refusal = after_refusal::reuse;
  int expected = 200;
  std::string answers; // the file that gets what is answered as expected, a line each; empty: none
  watched who;
  request_options request;
};

/// Puts load on the service from one thread. Closed loop: each connection asks again as soon as it is
/// answered. Open loop: requests are due at random instants (Poisson) and their latency counts from then,
/// however long they had to wait for a connection.
class load {
public:
  explicit load(const load_options& options);
  ~load();
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  load_result run();

private:
  using clock = std::chrono::steady_clock;
  enum class phase { warming, measuring, draining };

  void open_connections();
  void start(steady_time now);
  void step();
  std::chrono::nanoseconds patience(steady_time now) const;
  bool is_done(steady_time now) const;

  void advance(steady_time now);
  void begin_window();
  void end_window(steady_time now);
  void sample_memory(steady_time now);

  void release_rested(steady_time now);
  void dispatch_due(steady_time now);
  void dispatch(steady_time due);
  bool may_send() const;
  void send(connection& on, steady_time counts_from);

  void handle(connection& on);
  void account(const connection& on, const reply& answer, steady_time now);
  void use_again(connection& on, const reply& answer, steady_time now);
  void use_again(connection& on, steady_time now);
  void replace(connection& on);
  void give_up(steady_time now);
  std::uint32_t index_of(const connection& one) const;
  bool is_counted(steady_time counts_from, steady_time answered) const;
  bool is_open_loop() const { return options_.rate > 0; }

  load_options options_;
  request_maker maker_;
  int epoll_;
  std::vector<connection> connections_;
  std::ofstream answers_;
  load_result result_;

  phase phase_ = phase::warming;
  steady_time window_begin_ = steady_time::max();
  steady_time window_end_ = steady_time::max();
  steady_time next_phase_{};
  steady_time next_sample_{};
  cpu_usage used_before_;
  std::uint64_t answered_before_ = 0;

  std::uint64_t sent_ = 0;
  std::size_t waiting_ = 0;
  std::deque<std::uint32_t> idle_;  // open loop: connections that may be used
  std::deque<steady_time> backlog_; // open loop: requests that are due
  std::priority_queue<
      std::pair<steady_time, std::uint32_t>,
      std::vector<std::pair<steady_time, std::uint32_t>>,
      std::greater<>>
      resting_;
  steady_time next_due_{};
  std::uint64_t random_ = 0x9e3779b97f4a7c15U;
};

} // namespace tessera::bench
