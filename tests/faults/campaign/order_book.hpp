#pragma once

#include "tests/faults/campaign/caller.hpp"
#include "tests/faults/campaign/pause.hpp"

#include <deque>
#include <mutex>
#include <string>

namespace tessera::test {

/// Every operation of a campaign, with how often it was tried: whoever repeats one, now or later, is the next
/// attempt.
class order_book {
public:
  order open(action what, std::uint32_t account, std::int64_t amount, std::string spent = {});
  /// The number of the next attempt.
  std::uint32_t next_attempt(std::uint64_t op);
  /// Any spend so far, or one of the latest, which may still be running.
  std::optional<order> some_spend(random_source& random, bool recent) const;

private:
  struct line {
    order wish;
    std::uint32_t attempts = 0;
  };
  mutable std::mutex mutex_;
  std::deque<line> lines_; // by op
};

} // namespace tessera::test
