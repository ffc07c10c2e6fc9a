#include "actors/domain/circuit_breaker.hpp"

#include <algorithm>
#include <bit>

namespace tessera {

circuit_breaker::state circuit_breaker::state_at(time_point now) const {
  if (!is_open_) return state::closed;
  return now < until_ ? state::open : state::half_open;
}

int circuit_breaker::admits(time_point now, int wanted) const {
  switch (state_at(now)) {
  case state::closed: return wanted;
  case state::half_open: return std::min(wanted, 1);
  case state::open: break;
  }
  return 0;
}

void circuit_breaker::note(bool well, time_point now) {
  if (is_open_) { // the one that tried, or one that was under way before
    if (!well) return open(now);
    *this = {};
    return;
  }
  lately_ = ((lately_ << 1) | (well ? 0U : 1U)) & ((1U << looked_back) - 1);
  known_ = std::min(known_ + 1, looked_back);
  in_a_row_ = well ? 0 : in_a_row_ + 1;
  const bool mostly_fails = known_ == looked_back && std::popcount(lately_) * 2 > looked_back;
  if (in_a_row_ >= most_in_a_row || mostly_fails) open(now);
}

void circuit_breaker::open(time_point now) {
  *this = {};
  is_open_ = true;
  until_ = now + pause;
}

} // namespace tessera
