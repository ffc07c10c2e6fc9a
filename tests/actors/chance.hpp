#pragma once

#include "tests/support/actor_world.hpp"

#include <cstdlib>
#include <random>

/// What random lives of a node are made of.
namespace tessera::test {

inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// A source of choices. A quarter of the ways to fail is active in a run.
class chance {
public:
  explicit chance(std::uint64_t seed) : random_(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least + 1)));
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  double rarely() { return one_in(4) ? 0.02 + 0.25 * static_cast<double>(below(1000)) / 1000 : 0; }

private:
  std::mt19937_64 random_;
};

inline world_options options_of(chance& pick, std::uint64_t seed) {
  using namespace std::chrono_literals;
  world_options options;
  options.faults = {
      seed, pick.rarely(), pick.rarely(), pick.rarely(), pick.rarely(), pick.rarely(), pick.rarely()};
  if (pick.one_in(4)) options.max_depth = 1 + pick.below(8);
  if (pick.one_in(2)) options.max_round = 1 + pick.below(6);
  if (pick.one_in(2)) options.remind_interval = 0ms;
  if (pick.one_in(2)) options.key_window_bytes = 1;
  return options;
}

} // namespace tessera::test
