#include "actors/domain/transfer.hpp"

#include <cassert>

namespace tessera {

namespace {

/// Another UUID of the same version and variant: the last four bytes count, the rest is the row's.
uuid derived(uuid from, std::uint32_t step) {
  for (std::size_t i = 15; i >= 12; --i) {
    const auto sum = from.bytes[i] + (step & 0xff);
    from.bytes[i] = static_cast<std::uint8_t>(sum);
    step = (step >> 8) + (sum >> 8);
  }
  return from;
}

// Beside those of the lots of a row.
constexpr std::uint32_t bounce_step = 0x8000'0000;

} // namespace

std::optional<credits> units_in(const std::vector<lot>& lots) {
  std::optional<credits> sum{credits{}};
  for (const auto& each : lots)
    if (sum) sum = credits::checked_add(*sum, each.amount);
  return sum;
}

lot travelling(const lot& source, credits units, const inbox_id& carried_by, std::size_t position) {
  auto sent = source;
  sent.id = lot_id{derived(carried_by.value, static_cast<std::uint32_t>(position) + 1)};
  sent.parent = source.id;
  sent.seq = 0; // of the entry that will open it
  sent.amount = sent.free = units;
  sent.held = credits{};
  return sent;
}

receive_credits bounce_of(const receive_credits& leg) {
  assert(leg.sender);
  auto back = leg;
  back.id = inbox_id{derived(leg.id.value, bounce_step)};
  back.account = leg.sender->account;
  back.kind = inbox_kind::allocation_bounce;
  back.sender.reset(); // no entry paid for it: the leg did
  for (std::size_t i = 0; i < leg.lots.size(); ++i) {
    back.lots[i] = travelling(leg.lots[i], leg.lots[i].amount, back.id, i);
    back.lots[i].parent = leg.lots[i].parent; // the lots in between never were
  }
  return back;
}

} // namespace tessera
