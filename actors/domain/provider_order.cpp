#include "actors/domain/provider_order.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

provider_order::provider_order(std::vector<std::string> names) {
  for (auto& name : names)
    members_.push_back({std::move(name), {}});
}

int provider_order::admits(time_point now, int wanted) const {
  int most = 0;
  for (const auto& each : members_)
    most = std::max(most, each.breaker.admits(now, wanted));
  return most;
}

std::vector<std::size_t> provider_order::candidates(time_point now, std::string_view pinned) const {
  // A provider that is not there any more can't be asked: then it is for the others.
  const bool is_there = std::ranges::find(members_, pinned, &member::name) != members_.end();
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (is_there && members_[i].name != pinned) continue;
    if (members_[i].breaker.admits(now, 1) > 0) found.push_back(i);
  }
  return found;
}

void provider_order::note(std::size_t which, const delivery_outcome& outcome, time_point now) {
  const bool well = !outcome.provider_failed && outcome.failure != delivery_failure::ambiguous;
  members_[which].breaker.note(well, now);
}

bool may_move_on(const delivery_outcome& outcome) {
  return outcome.provider_failed && outcome.failure != delivery_failure::ambiguous &&
         outcome.failure != delivery_failure::none;
}

} // namespace tessera
