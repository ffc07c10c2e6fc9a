#include "persistence/stores/proven_heads.hpp"

namespace tessera::persistence {

namespace {

constexpr std::size_t most = 100'000; // accounts; about 9 MB. Beyond, everybody proves itself once more

} // namespace

bool proven_heads::knows(const account_id& account, const digest& hash) const {
  const auto head = heads_.find(account);
  return head != heads_.end() && head->second == hash;
}

void proven_heads::committed(std::span<const write_set* const> round) {
  if (heads_.size() >= most) heads_.clear();
  for (const auto* set : round)
    if (!set->events.empty())
      heads_.insert_or_assign(set->events.front().booked.account, set->events.back().booked.hash);
}

} // namespace tessera::persistence
