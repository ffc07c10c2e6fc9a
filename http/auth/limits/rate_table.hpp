#pragma once

#include "http/auth/limits/gcra.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace tessera::http {

/// One limit for many: each key has its own. A key is a hash. Bounded: keys of which nothing is owed any more
/// make room first, then any. Safe from any thread.
class rate_table {
public:
  explicit rate_table(rate limit, std::size_t most_keys = 262'144)
      : limit_(limit), most_of_shard_(std::max<std::size_t>(most_keys / shards, 1)) {}

  const rate& limit() const { return limit_; }
  rate_verdict take(std::uint64_t key, std::int64_t now_ns);
  /// What `take` would say, without taking.
  rate_verdict look(std::uint64_t key, std::int64_t now_ns);
  void give_back(std::uint64_t key);
  std::size_t size() const;

private:
  static constexpr std::size_t shards = 64;
  struct alignas(64) shard {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, arrival_ns> arrivals;
  };

  shard& shard_of(std::uint64_t key) { return shards_[key >> 58]; }
  void make_room(shard& here, std::int64_t now_ns);

  rate limit_;
  std::size_t most_of_shard_;
  std::array<shard, shards> shards_;
};

} // namespace tessera::http
