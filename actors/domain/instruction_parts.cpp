#include "actors/domain/instruction_parts.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/holds.hpp"
#include "actors/domain/transfer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tessera {

std::vector<lot> live_lots(const credit_account& account, time_point at) {
  std::vector<lot> live;
  for (const auto& each : account.lots)
    if (!each.free.is_zero() && !is_over(each, at)) live.push_back(each);
  return live;
}

bool is_of(const lot& candidate, const std::vector<lot_id>& roots) {
  return std::ranges::find(roots, candidate.root) != roots.end();
}

void note_asker(entry& booked, const instruction& asked) {
  booked.requested_by = asked.requested_by;
  booked.request_id = asked.request_id;
  if (booked.reference.empty()) booked.reference = asked.reference;
}

void let_go_of(draft& made, const open_hold& hold, hold_state state, const instruction& asked) {
  made.append([&](decided& events, const credit_account& account, time_point at) {
    const auto first = events.size();
    add_release(events, account, hold, hold.captured, state, at, at);
    for (auto i = first; i < events.size(); ++i)
      note_asker(events[i].booked, asked);
  });
}

receive_credits send_on(draft& made, const instruction& asked, way by, std::vector<slice> slices) {
  assert(asked.to);
  receive_credits sent;
  sent.id = asked.carrier;
  sent.account = *asked.to;
  sent.kind = by.arrives;
  sent.requested_by = asked.requested_by;
  sent.request_id = asked.request_id;
  sent.reference = asked.reference;
  made.append([&](decided& events, const credit_account& account, time_point at) {
    for (const auto& part : slices) {
      const auto source = std::ranges::find(account.lots, part.lot, &lot::id);
      sent.lots.push_back(travelling(*source, part.units, sent.id, sent.lots.size()));
    }
    auto& added = add_entry(events, account, by.leaves, sum_of(slices), at);
    added.booked.slices = slices;
    note_asker(added.booked, asked);
    sent.sender = entry_place{account.id, added.booked.seq};
    auto after = account;
    evolve(after, added);
    added.booked.usable_after = after.usable({}, at);
  });
  return sent;
}

} // namespace tessera
