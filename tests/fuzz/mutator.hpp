#pragma once

#include "tests/support/dice.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tessera::fuzz {

/// Changes inputs at random, and the same way each time: for the short runs in the tests, where there is no
/// libFuzzer.
class mutator {
public:
  /// The corpus has at least one input.
  mutator(const std::vector<std::string>& corpus, std::uint64_t seed) : corpus_(corpus), dice_(seed) {}

  /// One of the corpus, changed a few times.
  std::string next();

private:
  void change(std::string& input);

  const std::vector<std::string>& corpus_;
  test::dice dice_;
};

} // namespace tessera::fuzz
