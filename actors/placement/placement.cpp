#include "actors/placement/placement.hpp"

namespace tessera {

account_actor placement::find(const account_id& account) {
  auto& mine = shard_of(account);
  std::lock_guard lock(mine.mutex);
  if (const auto found = mine.live.find(account); found != mine.live.end()) return found->second;
  if (closed_) return {};
  return mine.live.emplace(account, spawn_(account)).first->second;
}

void placement::remove(const account_id& account, const account_actor& who) {
  auto& mine = shard_of(account);
  std::lock_guard lock(mine.mutex);
  if (const auto found = mine.live.find(account); found != mine.live.end() && found->second == who)
    mine.live.erase(found);
}

void placement::clear() {
  for (auto& s : shards_) {
    std::unordered_map<account_id, account_actor> gone; // ends them outside of the lock
    std::lock_guard lock(s.mutex);
    gone.swap(s.live);
  }
}

std::size_t placement::size() const {
  std::size_t sum = 0;
  for (const auto& s : shards_) {
    std::lock_guard lock(s.mutex);
    sum += s.live.size();
  }
  return sum;
}

std::vector<account_actor> placement::all() const {
  std::vector<account_actor> handles;
  for (const auto& s : shards_) {
    std::lock_guard lock(s.mutex);
    for (const auto& [id, actor] : s.live)
      handles.push_back(actor);
  }
  return handles;
}

} // namespace tessera
