#include "actors/domain/past_balance.hpp"

namespace tessera {

bool past_balance::fold(const account_event& next) {
  if (next.booked.booked_at > at_) return false;
  if (!account_) account_.emplace();
  evolve(*account_, next);
  return true;
}

balance_view past_balance::view(std::string_view application) const {
  if (account_) return tessera::view(*account_, application, at_);
  balance_view nothing;
  nothing.as_of = at_;
  return nothing;
}

} // namespace tessera
