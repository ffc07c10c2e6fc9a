#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::test {

/// What can be wrong between what clients were told and what the ledger says.
enum class violation_kind : std::uint8_t {
  // the ledger by itself
  seq_gap,
  duplicate_seq,
  broken_chain,
  broken_balance, // the balances do not follow from the entry before
  negative_balance,
  lot_overdrawn,
  booked_out_of_order,
  unknown_entry_type,
  conservation, // what came in is not what is there and what went out
  snapshot_disagrees,
  inbox_mismatch, // a row from outside was absorbed wrongly, twice or by nobody
  inbox_not_absorbed,
  // the ledger and the answers
  duplicate_key, // one key, more than one entry
  phantom_entry, // nobody asked for it
  lost_ack,
  wrong_answer,
  refused_but_applied,
  unresolved_unknown,
  wrong_replayed_flag,
  wrong_read,
  wrong_refusal, // told figures that no state had at that time
  // order
  real_time,
  stale_read,
  read_from_future,
  read_went_back,
  // manners
  unexpected_answer,
  missing_retry_after,
};
inline constexpr std::size_t violation_kind_count = 27;

std::string_view to_string(violation_kind kind);

/// What the checker found; the texts of the first few of each kind.
class violations {
public:
  void add(violation_kind kind, std::string text);

  std::size_t count(violation_kind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  std::size_t total() const;
  bool empty() const { return total() == 0; }
  std::string report() const;

private:
  struct described {
    violation_kind kind;
    std::string text;
  };
  std::array<std::size_t, violation_kind_count> counts_{};
  std::vector<described> first_;
};

std::ostream& operator<<(std::ostream& out, const violations& found);

} // namespace tessera::test
