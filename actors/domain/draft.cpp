#include "actors/domain/draft.hpp"

#include "actors/domain/must.hpp"

#include <utility>

namespace tessera {

draft::draft(
    const credit_account& account, time_point now, std::size_t own_entries, std::span<const lot> coming
)
    : then_(account) {
  beginning begun(account, now, own_entries, coming);
  at_ = begun.own;
  last_ = at_ + tick_of_bookings * static_cast<std::int64_t>(own_entries - 1);
  events_ = std::move(begun.events);
  for (const auto& each : events_)
    evolve(then_, each);
}

account_event draft::next(entry_type type, credits units) const {
  decided one;
  add_entry(one, then_, type, units, at_);
  return std::move(one.front());
}

void draft::book(account_event next) {
  auto& booked = next.booked;
  must(booked.booked_at >= at_ && booked.booked_at <= last_, "entries are booked in order");
  evolve(then_, next);
  booked.usable_after = then_.usable(booked.application, booked.booked_at);
  at_ = booked.booked_at + tick_of_bookings;
  events_.push_back(std::move(next));
}

void draft::book(decided next) {
  for (auto& each : next)
    book(std::move(each));
}

void draft::expire() {
  decided expired;
  if (anything_to_expire(then_, at_)) add_expiry(expired, then_, at_);
  book(std::move(expired));
}

void draft::repay() {
  decided repaid;
  add_repaid(repaid, then_, at_);
  book(std::move(repaid));
}

} // namespace tessera
