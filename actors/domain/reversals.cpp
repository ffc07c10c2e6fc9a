#include "actors/domain/reversals.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/draft.hpp"
#include "messages/entry_names.hpp"
#include "messages/holds.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

bool is_spender(const principal& spender, const principal& asking) {
  return spender.kind == asking.kind && spender.id == asking.id;
}

void note_request(entry& booked, const reverse_spend& command) {
  booked.requested_by = command.requested_by;
  booked.request_id = command.request_id;
  booked.caller_key = command.caller_key;
}

const lot& terms_of(const slice& part, const reversible_spend& spend) {
  return *std::ranges::find(spend.lots, part.lot, &lot::id);
}

/// What the spend would not have taken if it had been for less, beyond what was reversed before.
std::vector<slice> slices_to_return(const reversible_spend& spend, credits amount) {
  auto last = first_of(spend.slices, sum_of(spend.slices) - spend.reversed);
  take_out(last, first_of(last, sum_of(last) - amount));
  return last;
}

void add_reversal(draft& made, const reverse_spend& command, std::vector<slice> back) {
  const auto& spend = command.spend;
  made.append([&](decided& events, const credit_account& account, time_point at) {
    auto& added = add_entry(events, account, entry_type::reverse, sum_of(back), at);
    for (const auto& part : back)
      added.reopened.push_back(terms_of(part, spend));
    auto& booked = added.booked;
    booked.slices = std::move(back);
    booked.application = spend.application;
    booked.meter = spend.meter;
    booked.reference = transaction_id_of(spend.spent);
    booked.occurred_at = spend.occurred_at;
    booked.idempotency = command.idempotency;
    note_request(booked, command);
    auto after = account;
    evolve(after, added);
    booked.usable_after = after.usable(spend.application, at);
  });
}

void add_what_expires(draft& made, const reverse_spend& command, std::vector<slice> over) {
  const auto reversal = transaction_id_of({made.account().id, made.account().seq});
  made.append([&](decided& events, const credit_account& account, time_point at) {
    auto& booked = add_entry(events, account, entry_type::expire, sum_of(over), at).booked;
    booked.slices = std::move(over);
    booked.usable_after = account.usable({}, at);
    booked.reference = reversal;
    note_request(booked, command);
  });
}

/// A lot of its own: neither the life nor the fate of the one that is over.
void grant_anew(draft& made, const reverse_spend& command, const lot& terms, credits units) {
  made.append([&](decided& events, const credit_account& account, time_point at) {
    auto& added = add_entry(events, account, entry_type::reinstate, units, at);
    auto opened = terms;
    opened.id = opened.root = command.regrant_lot;
    opened.parent.reset();
    opened.seq = added.booked.seq;
    opened.kind = lot_kind::reinstated;
    opened.effective_at = at;
    opened.expires_at = command.spend.regrant_expires_at;
    opened.expiry_date = command.spend.regrant_expiry_date;
    opened.amount = opened.free = units;
    opened.held = credits{};
    added.booked.slices = {{opened.id, units}};
    added.booked.reference = transaction_id_of(command.spend.spent);
    added.opened.push_back(std::move(opened));
    note_request(added.booked, command);
    auto after = account;
    evolve(after, added);
    added.booked.usable_after = after.usable({}, at);
  });
}

} // namespace

result<decided> decide(const credit_account& account, const reverse_spend& command, time_point now) {
  const auto& spend = command.spend;
  if (!command.administers && !is_spender(spend.spender, command.requested_by)) return errc::not_the_spender;
  const auto left = sum_of(spend.slices) - spend.reversed;
  const auto amount = command.amount.value_or(left);
  if (!is_in_range(amount) || amount > left) {
    rejection why{errc::nothing_to_reverse};
    why.requested = amount;
    why.available = why.would_allow = left;
    return why;
  }
  draft made(account, now, 4);
  auto back = slices_to_return(spend, amount);
  auto over = back;
  std::erase_if(over, [&](const slice& part) { return !is_over(terms_of(part, spend), made.at()); });
  const auto expired = sum_of(over);
  if (command.regrants && !fits(account, expired)) return errc::amount_out_of_range;
  add_reversal(made, command, std::move(back));
  if (!expired.is_zero()) {
    const auto terms = terms_of(over.front(), spend);
    add_what_expires(made, command, std::move(over));
    if (command.regrants) grant_anew(made, command, terms, expired);
  }
  made.repay();
  return std::move(made).take();
}

} // namespace tessera
