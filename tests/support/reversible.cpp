#include "tests/support/reversible.hpp"

#include "messages/entry_names.hpp"

#include <algorithm>

namespace tessera::test {

namespace {

/// As it was opened, but empty.
lot terms_of(const std::vector<account_event>& events, const lot_id& id) {
  for (const auto& event : events)
    for (const auto& opened : event.opened)
      if (opened.id == id) {
        auto terms = opened;
        terms.free = terms.held = credits{};
        return terms;
      }
  return {};
}

} // namespace

reversible_spend read_spend(const memory_ledger& ledger, const account_id& account, std::uint64_t seq) {
  return read_spend(ledger.events(account), seq);
}

reversible_spend read_spend(const std::vector<account_event>& events, std::uint64_t seq) {
  const auto& booked =
      std::ranges::find(events, seq, [](const account_event& event) { return event.booked.seq; })->booked;
  reversible_spend spend;
  spend.spent = {booked.account, seq};
  spend.type = booked.type;
  spend.slices = booked.slices;
  spend.application = booked.application;
  spend.meter = booked.meter;
  spend.spender = booked.requested_by;
  spend.occurred_at = booked.occurred_at;
  spend.as_of = events.back().booked.seq;
  for (const auto& part : booked.slices)
    spend.lots.push_back(terms_of(events, part.lot));
  const auto name = transaction_id_of(spend.spent);
  for (const auto& event : events)
    if (event.booked.type == entry_type::reverse && event.booked.reference == name)
      spend.reversed += event.booked.units;
  return spend;
}

reverse_spend reversal_of(const reversible_spend& spend, std::optional<std::int64_t> amount) {
  reverse_spend command;
  command.account = spend.spent.account;
  command.spend = spend;
  if (amount) command.amount = credits{*amount};
  command.requested_by = spend.spender;
  command.request_id = "req-5";
  return command;
}

} // namespace tessera::test
