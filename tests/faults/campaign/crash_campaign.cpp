#include "tests/faults/campaign/crash_campaign.hpp"

#include "tests/faults/history/ledger_rows.hpp"

#include <algorithm>
#include <iostream>
#include <stdexcept>

namespace tessera::test {

namespace {

constexpr milliseconds settling{60'000};

} // namespace

crash_campaign::crash_campaign(postgres_cluster& cluster, crash_campaign_options options)
    : options_(options), cluster_(cluster), node_(cluster, {}, {}),
      bank_((node_.start(), open_bank(node_, options.entities))), notes_(bank_.accounts),
      clients_(bank_, {&node_}, notes_, options.seed, options.clients), random_(options.seed),
      deck_(options.seed), nemesis_(cluster, node_, options.seed) {}

violations crash_campaign::run() {
  clients_.fill();
  violations found;
  for (std::int64_t number = 1; number <= options_.cycles && found.empty(); ++number) {
    cycle(number);
    if (number % options_.check_every == 0 || number == options_.cycles) found = check_now();
  }
  return found;
}

void crash_campaign::cycle(std::int64_t number) {
  const auto next = deck_.draw();
  std::cout << "cycle " << number << ": " << to_string(next) << std::endl;
  prepare(next);
  clients_.resume(some_resting());
  const auto back_us = nemesis_.strike(next);
  const auto recovery_us = clients_.first_success_after(back_us, settling);
  if (recovery_us < 0) throw std::runtime_error("nothing was answered after: " + to_string(next));
  slowest_recovery_us_ = std::max(slowest_recovery_us_, recovery_us);
  let_pass(milliseconds{between(random_, 100, 500)});
  if (!clients_.settle(settling))
    throw std::runtime_error("outcomes remain unknown after: " + to_string(next));
  if (!node_.alive()) throw std::runtime_error("the service ended by itself after: " + to_string(next));
}

/// A crash point is an environment variable of the run that is to reach it.
void crash_campaign::prepare(const fault& next) {
  if (next.crash_at.empty()) return;
  if (const auto ended = node_.stop(); ended != exit_status{0, 0})
    throw std::runtime_error("SIGTERM did not end the service with 0");
  if (!node_.start(next.crash_at)) std::cout << "  reached before it was ready\n";
}

std::vector<std::uint32_t> crash_campaign::some_resting() {
  std::vector<std::uint32_t> hot(options_.clients.hot);
  for (std::uint32_t i = 0; i < hot.size(); ++i)
    hot[i] = i;
  std::ranges::shuffle(hot, random_);
  hot.resize(hot.size() / 3);
  return hot;
}

violations crash_campaign::check_now() {
  if (!wait_for_empty_inbox(cluster_, node_, bank_, milliseconds{20'000}))
    std::cout << "purchases are still waiting in the inbox\n";
  return check(notes_.copy(), ledger_of(cluster_, node_.database()));
}

void crash_campaign::print_summary(std::ostream& out) const {
  print_outcomes(out, notes_.copy());
  out << nemesis_.crash_points_hit() << " crash points reached, slowest recovery "
      << slowest_recovery_us_ / 1'000 << " ms\n";
}

void crash_campaign::keep(const std::string& directory, const violations& found) const {
  keep_evidence(directory, notes_.copy(), cluster_, node_, found);
}

} // namespace tessera::test
