#include "actors/account/key_window.hpp"

#include <utility>

namespace tessera {

key_window::key_window(std::size_t max_bytes)
    : per_generation_(key_table::keys_within(max_bytes / 2 / shards_.size())) {}

void key_window::insert(shard& into, const recorded_spend& spend) {
  if (into.young.size() >= per_generation_) into.old = std::exchange(into.young, {});
  into.young.insert_or_assign(spend);
}

void key_window::remember(const recorded_spend& spend) {
  auto& mine = shard_of(spend.idempotency.key);
  std::lock_guard lock(mine.mutex);
  insert(mine, spend);
}

std::optional<recorded_spend> key_window::find(const uuid& key) {
  auto& mine = shard_of(key);
  std::lock_guard lock(mine.mutex);
  if (const auto* found = mine.young.find(key)) return *found;
  const auto* found = mine.old.find(key);
  if (!found) return std::nullopt;
  const auto spend = *found; // inserting may drop the old generation
  insert(mine, spend);
  return spend;
}

std::size_t key_window::size() const {
  std::size_t sum = 0;
  for (const auto& s : shards_) {
    std::lock_guard lock(s.mutex);
    sum += s.young.size() + s.old.size();
  }
  return sum;
}

} // namespace tessera
