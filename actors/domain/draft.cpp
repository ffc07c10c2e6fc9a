#include "actors/domain/draft.hpp"

namespace tessera {

draft::draft(const credit_account& account, time_point now, std::size_t own_entries) : then_(account) {
  beginning begun(account, now, own_entries);
  at_ = begun.own;
  events_ = std::move(begun.events);
  for (const auto& each : events_)
    evolve(then_, each);
}

void draft::repay() {
  append([](decided& events, const credit_account& account, time_point at) {
    add_repaid(events, account, at);
  });
}

void draft::follow(std::size_t first) {
  for (auto i = first; i < events_.size(); ++i)
    evolve(then_, events_[i]);
  if (first < events_.size()) at_ = events_.back().booked.booked_at + tick_of_bookings;
}

} // namespace tessera
