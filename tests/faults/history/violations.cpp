#include "tests/faults/history/violations.hpp"

#include <numeric>
#include <ostream>
#include <utility>

namespace tessera::test {

namespace {

constexpr std::size_t texts_per_kind = 5;

constexpr std::array<std::string_view, violation_kind_count> names{
    "seq-gap",
    "duplicate-seq",
    "broken-chain",
    "broken-balance",
    "negative-balance",
    "lot-overdrawn",
    "booked-out-of-order",
    "unknown-entry-type",
    "conservation",
    "snapshot-disagrees",
    "inbox-mismatch",
    "inbox-not-absorbed",
    "duplicate-key",
    "phantom-entry",
    "lost-ack",
    "wrong-answer",
    "refused-but-applied",
    "unresolved-unknown",
    "wrong-replayed-flag",
    "wrong-read",
    "wrong-refusal",
    "real-time",
    "stale-read",
    "read-from-future",
    "read-went-back",
    "unexpected-answer",
    "missing-retry-after",
};

} // namespace

std::string_view to_string(violation_kind kind) {
  return names[static_cast<std::size_t>(kind)];
}

void violations::add(violation_kind kind, std::string text) {
  if (counts_[static_cast<std::size_t>(kind)]++ < texts_per_kind) first_.push_back({kind, std::move(text)});
}

std::size_t violations::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
}

std::string violations::report() const {
  std::string text;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] > 0) text += std::to_string(counts_[i]) + " " + std::string(names[i]) + "\n";
  for (const auto& each : first_)
    text += "  " + std::string(to_string(each.kind)) + ": " + each.text + "\n";
  return text.empty() ? "no violation\n" : text;
}

std::ostream& operator<<(std::ostream& out, const violations& found) {
  return out << found.report();
}

} // namespace tessera::test
