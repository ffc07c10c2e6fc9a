#include "actors/domain/reversals.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/draft.hpp"
#include "actors/domain/must.hpp"
#include "messages/entry_names.hpp"
#include "messages/holds.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

void note_request(entry& booked, const reverse_spend& command) {
  booked.requested_by = command.requested_by;
  booked.request_id = command.request_id;
  booked.caller_key = command.caller_key;
}

const lot& terms_of(const slice& part, const reversible_spend& spend) {
  const auto found = std::ranges::find(spend.lots, part.lot, &lot::id);
  must(found != spend.lots.end(), "the lots of a spend are known");
  return *found;
}

/// What the spend would not have taken if it had been for less, beyond what was reversed before.
std::vector<slice> slices_to_return(const reversible_spend& spend, credits amount) {
  auto last = first_of(spend.slices, sum_of(spend.slices) - spend.reversed);
  take_out(last, first_of(last, sum_of(last) - amount));
  return last;
}

void add_reversal(draft& made, const reverse_spend& command, std::vector<slice> back) {
  const auto& spend = command.spend;
  auto reversed = made.next(entry_type::reverse, sum_of(back));
  for (const auto& part : back)
    reversed.reopened.push_back(terms_of(part, spend));
  auto& booked = reversed.booked;
  booked.slices = std::move(back);
  booked.application = spend.application;
  booked.meter = spend.meter;
  booked.reference = transaction_id_of(spend.spent);
  booked.occurred_at = spend.occurred_at;
  booked.idempotency = command.idempotency;
  note_request(booked, command);
  made.book(std::move(reversed));
}

/// Right after the reversal.
void add_what_expires(draft& made, const reverse_spend& command, std::vector<slice> over) {
  auto expired = made.next(entry_type::expire, sum_of(over));
  expired.booked.slices = std::move(over);
  expired.booked.reference = transaction_id_of({made.account().id, made.account().seq});
  note_request(expired.booked, command);
  made.book(std::move(expired));
}

/// For whom units that come from these lots may be granted anew: nobody who could not use all of them.
std::vector<std::string> scope_of(const std::vector<slice>& over, const reversible_spend& spend) {
  for (const auto& part : over)
    if (const auto& scope = terms_of(part, spend).applications; !scope.empty())
      return spend.application.empty() ? scope : std::vector{spend.application};
  return {};
}

/// A lot of its own: neither the life nor the fate of those that are over, and nobody paid for it.
void grant_anew(draft& made, const reverse_spend& command, const std::vector<slice>& over) {
  const auto& spend = command.spend;
  auto granted = made.next(entry_type::reinstate, sum_of(over));
  lot opened;
  opened.id = opened.root = command.regrant_lot;
  opened.seq = granted.booked.seq;
  opened.kind = lot_kind::reinstated;
  opened.priority = terms_of(over.front(), spend).priority;
  opened.effective_at = made.at();
  opened.expires_at = spend.regrant_expires_at;
  opened.expiry_date = spend.regrant_expiry_date;
  opened.applications = scope_of(over, spend);
  opened.amount = opened.free = granted.booked.units;
  granted.booked.slices = {{opened.id, opened.amount}};
  granted.booked.reference = transaction_id_of(spend.spent);
  granted.opened.push_back(std::move(opened));
  note_request(granted.booked, command);
  made.book(std::move(granted));
}

} // namespace

bool may_reverse(const reverse_spend& command) {
  const bool is_known = !command.spend.slices.empty();
  return command.administers || !is_known || is_same(command.spend.spender, command.requested_by);
}

bool knows_less_than(const credit_account& account, const reversible_spend& spend) {
  if (spend.slices.empty()) return false; // there is no such spend: nobody knows more
  const auto left = sum_of(spend.slices) - spend.reversed;
  return spend.as_of > account.seq || left > account.totals.now.used;
}

result<decided> decide(const credit_account& account, const reverse_spend& command, time_point now) {
  const auto& spend = command.spend;
  if (!may_reverse(command)) return errc::not_the_spender;
  const auto left = sum_of(spend.slices) - spend.reversed;
  if (knows_less_than(account, spend)) return errc::reversed_meanwhile;
  const auto amount = command.amount.value_or(left);
  if (!is_in_range(amount) || amount > left) {
    rejection why{errc::nothing_to_reverse};
    why.requested = amount;
    why.available = why.would_allow = left;
    return why;
  }
  draft made(account, now, 4, spend.lots);
  auto back = slices_to_return(spend, amount);
  auto over = back;
  std::erase_if(over, [&](const slice& part) { return !is_over(terms_of(part, spend), made.at()); });
  const bool regrants = command.regrants && !over.empty();
  if (regrants && !fits(account, sum_of(over))) return errc::amount_out_of_range;
  add_reversal(made, command, std::move(back));
  if (!over.empty()) add_what_expires(made, command, over);
  if (regrants) grant_anew(made, command, over);
  made.repay();
  return std::move(made).take();
}

} // namespace tessera
