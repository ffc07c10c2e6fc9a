#include "tests/faults/history/chain.hpp"

#include <algorithm>
#include <map>

namespace tessera::test {

namespace {

const entry* entry_at(const account_rows& rows, std::int64_t seq) {
  const auto here = std::ranges::lower_bound(rows.entries, seq, {}, [](const entry& e) {
    return static_cast<std::int64_t>(e.seq);
  });
  return here != rows.entries.end() && static_cast<std::int64_t>(here->seq) == seq ? &*here : nullptr;
}

bool fulfils(const entry& e, const inbox_row& row) {
  if (row.is_transfer)
    return (e.type == entry_type::allocate_in || e.type == entry_type::return_in ||
            e.type == entry_type::reclaim_in) &&
           e.reference == row.reference && e.units == row.units;
  return e.type == entry_type::purchase && e.reference == row.reference && e.units == row.units &&
         e.slices.size() == 1 && e.slices.front().lot == row.opens;
}

} // namespace

void check_inbox(const account_rows& rows, violations& found) {
  std::map<std::string, int> fulfilled;
  for (const auto& row : rows.inbox) {
    const auto where = to_string(rows.account) + " purchase " + row.reference;
    if (row.refused_code) continue;
    if (!row.absorbed_seq) {
      found.add(violation_kind::inbox_not_absorbed, where);
      continue;
    }
    const auto* made = entry_at(rows, *row.absorbed_seq);
    // What was over on arrival expired in the same step.
    if (made && made->type == entry_type::expire) made = entry_at(rows, *row.absorbed_seq - 1);
    if (!made || !fulfils(*made, row))
      found.add(
          violation_kind::inbox_mismatch, where + " has no entry at seq " + std::to_string(*row.absorbed_seq)
      );
    if (!row.is_transfer) ++fulfilled[row.reference];
  }
  for (const auto& e : rows.entries)
    if (e.type == entry_type::purchase && fulfilled[e.reference]-- != 1)
      found.add(
          violation_kind::inbox_mismatch,
          place(rows.account, static_cast<std::int64_t>(e.seq)) + " repeats " + e.reference
      );
}

} // namespace tessera::test
