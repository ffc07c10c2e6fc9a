#include "tests/faults/campaign/nemesis.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <iostream>
#include <stdexcept>

namespace tessera::test {

namespace {

using kind = fault::kind;

/// The named points, and how often each may be passed before it kills.
struct crash_site {
  const char* name;
  std::int64_t visits;
};
constexpr std::array<crash_site, 8> crash_sites{{
    {"before_round", 400},
    {"after_commit_before_reply", 400},
    {"mid_activation", 10},
    {"after_purchase_before_nudge", 6},
    {"before_absorption", 6},
    {"after_absorption", 6},
    {"before_snapshot", 8},
    {"mid_passivation", 3},
}};

constexpr std::array<kind, 7> plain{
    kind::kill_service,
    kind::stop_service,
    kind::pause_service,
    kind::stop_postgres,
    kind::kill_postgres,
    kind::pause_postgres,
    kind::terminate_backends,
};

// A point that is not reached by then is not going to be.
constexpr milliseconds crash_patience{6'000};

} // namespace

std::string to_string(const fault& f) {
  switch (f.what) {
  case kind::kill_service: return "kill service";
  case kind::crash_point: return "crash at " + f.crash_at;
  case kind::stop_service: return "stop service";
  case kind::pause_service: return "pause service";
  case kind::stop_postgres: return "stop postgres (immediate)";
  case kind::kill_postgres: return "kill postgres";
  case kind::pause_postgres: return "pause postgres";
  case kind::terminate_backends: return "terminate backends";
  }
  return "?";
}

fault fault_deck::draw() {
  if (cards_.empty()) shuffle();
  auto card = std::move(cards_.back());
  cards_.pop_back();
  return card;
}

void fault_deck::shuffle() {
  for (const auto& site : crash_sites)
    cards_.push_back(
        {kind::crash_point, std::string(site.name) + ":" + std::to_string(between(random_, 1, site.visits))}
    );
  for (const auto what : plain)
    cards_.push_back({what, {}});
  std::ranges::shuffle(cards_, random_);
}

void nemesis::let_pass_between(std::int64_t low_ms, std::int64_t high_ms) {
  let_pass(milliseconds{between(random_, low_ms, high_ms)});
}

std::int64_t nemesis::strike(const fault& f) {
  if (f.what != kind::crash_point) let_pass_between(200, 1'000);
  switch (f.what) {
  case kind::kill_service:
    victim_.kill();
    victim_.start();
    break;
  case kind::crash_point:
    wait_for_crash(f);
    victim_.start();
    break;
  case kind::stop_service:
    if (const auto ended = victim_.stop(); ended != exit_status{0, 0})
      throw std::runtime_error("SIGTERM did not end the service with 0");
    victim_.start();
    break;
  case kind::pause_service: // longer than its lease, sometimes
    victim_.pause();
    let_pass_between(500, 4'000);
    victim_.resume();
    break;
  case kind::stop_postgres:
    cluster_.stop_immediate();
    let_pass_between(0, 500);
    cluster_.start();
    break;
  case kind::kill_postgres:
    cluster_.kill();
    cluster_.start();
    break;
  case kind::pause_postgres:
    cluster_.pause();
    let_pass_between(500, 3'000);
    cluster_.resume();
    break;
  case kind::terminate_backends: terminate_backends(); break;
  }
  return now_us();
}

void nemesis::wait_for_crash(const fault& f) {
  const auto ended = victim_.wait(crash_patience);
  if (ended && ended->signal == SIGKILL) {
    ++crash_points_hit_;
    return;
  }
  if (ended) throw std::runtime_error("the service ended by itself, waiting for " + f.crash_at);
  std::cout << "  " << f.crash_at << " was not reached\n";
  victim_.kill();
}

void nemesis::terminate_backends() {
  const auto times = between(random_, 1, 4);
  for (std::int64_t i = 0; i < times; ++i) {
    cluster_.terminate_backends("tessera%");
    let_pass_between(20, 300);
  }
}

} // namespace tessera::test
