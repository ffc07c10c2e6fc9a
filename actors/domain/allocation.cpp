#include "actors/domain/allocation.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/decision_parts.hpp"
#include "actors/domain/transfer.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace tessera {

namespace {

/// A lot of the source, and what no leg has taken from it yet.
struct stock {
  const lot* source;
  credits left;
};

bool lives_long_enough(const lot& candidate, const lot_choice& choice, time_point at) {
  return !candidate.expires_at || *candidate.expires_at >= at + choice.min_remaining;
}

/// Those that may move, in burn order.
std::vector<stock> movable(const credit_account& account, const allocate_credits& command, time_point at) {
  const auto may_move = [&](const lot& each) {
    if (command.everything) return !is_over(each, at);
    return is_eligible(each, {}, at) && lives_long_enough(each, command.lots, at);
  };
  std::vector<stock> found;
  for (const auto& each : account.lots)
    if (!each.free.is_zero() && may_move(each)) found.push_back({&each, each.free});
  return found;
}

/// Only the named lots, in the order of their names.
std::vector<stock> named(const std::vector<stock>& from, const std::vector<lot_id>& names) {
  std::vector<stock> found;
  const auto add = [&found](const stock& each) {
    if (std::ranges::find(found, each.source, &stock::source) == found.end()) found.push_back(each);
  };
  for (const auto& name : names)
    for (const auto& each : from)
      if (each.source->id == name) add(each);
  return found;
}

std::vector<stock> choose(const credit_account& account, const allocate_credits& command, time_point at) {
  const auto& choice = command.lots;
  auto lots = movable(account, command, at);
  if (!choice.only.empty()) lots = named(lots, choice.only);
  if (!choice.policy) return lots;
  std::sort(lots.begin(), lots.end(), [&](const stock& a, const stock& b) {
    return *choice.policy == lot_policy::soonest_first ? burns_before(*a.source, *b.source)
                                                       : burns_before(*b.source, *a.source);
  });
  return lots;
}

credits sum_of(const std::vector<stock>& lots) {
  credits sum;
  for (const auto& each : lots)
    sum += each.left;
  return sum;
}

/// Nothing: above credits::limit.
std::optional<credits> sum_of(const std::vector<allocation_leg>& legs) {
  std::optional<credits> sum{credits{}};
  for (const auto& leg : legs)
    if (sum) sum = is_in_range(leg.amount) ? credits::checked_add(*sum, leg.amount) : std::nullopt;
  return sum;
}

/// What the legs take together; zero, which is out of range, where they make no sum.
credits wanted_by(const allocate_credits& command, const std::vector<stock>& lots) {
  return command.everything ? sum_of(lots) : sum_of(command.legs).value_or(credits{});
}

receive_credits addressed(const allocate_credits& command, const allocation_leg& leg, std::uint64_t seq) {
  receive_credits sent;
  sent.id = leg.id;
  sent.account = leg.to;
  sent.kind = command.kind;
  sent.requested_by = command.requested_by;
  sent.request_id = command.request_id;
  sent.reference = command.allocation_id;
  sent.sender = entry_place{command.account, seq};
  return sent;
}

/// Takes the leg from the stock into its entry and what is sent.
void take(std::vector<stock>& from, credits wanted, entry& booked, receive_credits& sent) {
  for (auto& each : from) {
    const auto units = std::min(wanted, each.left);
    if (units.is_zero()) continue;
    booked.slices.push_back({each.source->id, units});
    sent.lots.push_back(travelling(*each.source, units, sent.id, sent.lots.size()));
    each.left -= units;
    wanted -= units;
  }
  assert(wanted.is_zero());
}

entry_type type_of(inbox_kind kind) {
  switch (kind) {
  case inbox_kind::give_back: return entry_type::return_out;
  case inbox_kind::reclaim: return entry_type::reclaim_out;
  default: return entry_type::allocate_out;
  }
}

/// What is called back leaves a frozen account, too.
rejection refusal_of_move(
    const credit_account& account, inbox_kind kind, credits wanted, credits usable, credits movable
) {
  return kind == inbox_kind::reclaim ? shortage_of(account, wanted, usable, movable)
                                     : refusal_of(account, wanted, usable, movable);
}

} // namespace

result<decided_allocation>
decide(const credit_account& account, const allocate_credits& command, time_point now) {
  assert(!command.legs.empty());
  assert(!command.everything || command.legs.size() == 1);
  beginning begun(account, now, command.legs.size());
  const auto& there = begun.account();
  auto lots = choose(there, command, begun.own);
  if (command.everything && lots.empty()) return errc::insufficient_credits;
  const auto usable = there.usable({}, begun.own);
  const auto wanted = wanted_by(command, lots);
  if (auto why = refusal_of_move(there, command.kind, wanted, usable, sum_of(lots)); why.code != errc::ok)
    return why;

  decided_allocation made{std::move(begun.events), {}};
  auto at = begun.own;
  credits moved;
  for (const auto& leg : command.legs) {
    const auto amount = command.everything ? wanted : leg.amount;
    auto& booked = add_entry(made.events, there, type_of(command.kind), amount, at).booked;
    auto& sent = made.sent.emplace_back(addressed(command, leg, booked.seq));
    take(lots, amount, booked, sent);
    moved += amount;
    booked.usable_after = command.everything ? credits{} : there.usable({}, at) - moved;
    booked.reference = command.allocation_id;
    booked.requested_by = command.requested_by;
    booked.request_id = command.request_id;
    booked.caller_key = command.caller_key;
    if (&leg == &command.legs.front()) booked.idempotency = command.idempotency;
    at += tick_of_bookings;
  }
  return made;
}

} // namespace tessera
