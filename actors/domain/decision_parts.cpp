#include "actors/domain/decision_parts.hpp"

#include "actors/domain/burn_down.hpp"
#include "actors/domain/entry_effects.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

constexpr auto tick = tick_of_bookings;

bool is_to_expire(const lot& candidate, time_point at) {
  return !candidate.free.is_zero() && is_over(candidate, at);
}

/// The last end of a lot from `first` to `last`.
std::optional<time_point> last_end(const credit_account& account, time_point first, time_point last) {
  std::optional<time_point> found;
  for (const auto& each : account.lots)
    if (each.expires_at && *each.expires_at >= first && *each.expires_at <= last)
      found = std::max(found, each.expires_at);
  return found;
}

} // namespace

bool anything_to_expire(const credit_account& account, time_point at) {
  return std::any_of(account.lots.begin(), account.lots.end(), [at](const lot& each) {
    return is_to_expire(each, at);
  });
}

schedule schedule_of(const credit_account& account, time_point now, std::size_t own_entries) {
  const auto first = next_booking(account, now);
  const auto span = tick * static_cast<std::int64_t>(own_entries - 1);
  auto own = anything_to_expire(account, first) ? first + tick : first;
  while (const auto end = last_end(account, own, own + span))
    own = *end + tick;
  return {.expires = own > first && anything_to_expire(account, own - tick), .own = own};
}

account_event& add_entry(
    decided& events, const credit_account& account, entry_type type, credits units, time_point booked_at
) {
  const auto seq = events.empty() ? account.seq : events.back().booked.seq;
  const auto& before = events.empty() ? account.totals.now : events.back().booked.after;
  const auto after = apply(effect_of(type), before, units);
  auto& added = events.emplace_back();
  auto& booked = added.booked;
  booked.account = account.id;
  booked.seq = seq + 1;
  booked.tenant = account.tenant;
  booked.type = type;
  booked.units = units;
  booked.after = after;
  booked.occurred_at = booked_at;
  booked.booked_at = booked_at;
  return added;
}

void add_expiry(decided& events, const credit_account& account, time_point at) {
  std::vector<slice> slices;
  credits units;
  for (const auto& each : account.lots) {
    if (!is_to_expire(each, at)) continue;
    slices.push_back({each.id, each.free});
    units += each.free;
  }
  auto& booked = add_entry(events, account, entry_type::expire, units, at).booked;
  booked.slices = std::move(slices);
  booked.usable_after = account.usable({}, at);
}

bool is_in_range(credits amount) {
  return amount >= credits{1} && amount <= credits{credits::limit};
}

rejection
refusal_of(const credit_account& account, credits requested, credits available, credits would_allow) {
  rejection why{errc::ok};
  why.requested = requested;
  why.available = available;
  why.would_allow = would_allow;
  if (account.frozen) {
    why.code = errc::entity_frozen;
    why.blocker = blocked_by::frozen;
    why.would_allow = credits{0};
  } else if (!is_in_range(requested)) {
    why.code = errc::amount_out_of_range;
  } else if (requested > would_allow) {
    why.code = errc::insufficient_credits;
    why.blocker = account.totals.now.debt.is_zero() ? blocked_by::balance : blocked_by::debt;
  }
  return why;
}

} // namespace tessera
