#include "http/auth/limits/rate_table.hpp"

namespace tessera::http {

rate_verdict rate_table::take(std::uint64_t key, std::int64_t now_ns) {
  if (!limit_.is_limited()) return {};
  auto& here = shard_of(key);
  const std::lock_guard lock(here.mutex);
  auto found = here.arrivals.find(key);
  if (found == here.arrivals.end()) {
    if (here.arrivals.size() >= most_of_shard_) make_room(here, now_ns);
    found = here.arrivals.emplace(key, now_ns).first;
  }
  return http::take(found->second, limit_, now_ns);
}

rate_verdict rate_table::look(std::uint64_t key, std::int64_t now_ns) {
  if (!limit_.is_limited()) return {};
  auto& here = shard_of(key);
  const std::lock_guard lock(here.mutex);
  const auto found = here.arrivals.find(key);
  return http::look(found == here.arrivals.end() ? now_ns : found->second, limit_, now_ns);
}

void rate_table::give_back(std::uint64_t key) {
  if (!limit_.is_limited()) return;
  auto& here = shard_of(key);
  const std::lock_guard lock(here.mutex);
  if (const auto found = here.arrivals.find(key); found != here.arrivals.end())
    http::give_back(found->second, limit_);
}

std::size_t rate_table::size() const {
  std::size_t all = 0;
  for (const auto& one : shards_) {
    const std::lock_guard lock(one.mutex);
    all += one.arrivals.size();
  }
  return all;
}

void rate_table::make_room(shard& here, std::int64_t now_ns) {
  std::erase_if(here.arrivals, [&](const auto& entry) { return entry.second <= now_ns; });
  if (here.arrivals.size() >= most_of_shard_) here.arrivals.erase(here.arrivals.begin());
}

} // namespace tessera::http
