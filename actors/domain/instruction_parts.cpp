#include "actors/domain/instruction_parts.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/hold_entries.hpp"
#include "actors/domain/must.hpp"
#include "actors/domain/transfer.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

std::vector<lot> free_lots(const draft& made) {
  auto lots = made.account().lots;
  std::erase_if(lots, [](const lot& each) { return each.free.is_zero(); });
  return lots;
}

credits free_in(const std::vector<lot>& lots) {
  credits sum;
  for (const auto& each : lots)
    sum += each.free;
  return sum;
}

bool is_of(const lot& candidate, const std::vector<lot_id>& roots) {
  return std::ranges::find(roots, candidate.root) != roots.end();
}

void note_asker(entry& booked, const instruction& asked) {
  booked.requested_by = asked.requested_by;
  booked.request_id = asked.request_id;
  if (booked.reference.empty()) booked.reference = asked.reference;
}

hold_book::shared_hold find_set_aside(const credit_account& account, std::uint64_t seq) {
  auto hold = account.holds.find(seq);
  return hold && hold->purpose != hold_purpose::spend ? hold : nullptr;
}

void let_go_of(draft& made, const open_hold& hold, hold_state state, const instruction& asked) {
  decided released;
  add_release(released, made.account(), hold, hold.captured, state, made.at(), made.at());
  for (auto& each : released)
    note_asker(each.booked, asked);
  made.book(std::move(released));
}

std::string allocation_id_of(const instruction& asked) {
  return "alloc-" + to_string(asked.carrier.value);
}

receive_credits send_on(draft& made, const instruction& asked, way by, std::vector<slice> slices) {
  must(asked.to.has_value(), "what is sent has a receiver");
  receive_credits sent;
  sent.id = asked.carrier;
  sent.account = *asked.to;
  sent.kind = by.arrives;
  sent.requested_by = asked.requested_by;
  sent.request_id = asked.request_id;
  sent.reference = allocation_id_of(asked);
  for (const auto& part : slices) {
    const auto source = std::ranges::find(made.account().lots, part.lot, &lot::id);
    must(source != made.account().lots.end(), "what is sent is there");
    sent.lots.push_back(travelling(*source, part.units, sent.id, sent.lots.size()));
  }
  auto left = made.next(by.leaves, sum_of(slices));
  left.booked.slices = std::move(slices);
  left.booked.reference = sent.reference;
  note_asker(left.booked, asked);
  sent.sender = entry_place{left.booked.account, left.booked.seq};
  made.book(std::move(left));
  return sent;
}

} // namespace tessera
