#pragma once

#include "actors/account/key_table.hpp"

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>

namespace tessera {

/// The node's memory of recent keys and their first answers, so that the common replay needs no database.
/// Bounded: keys are kept in two generations, and the older one is forgotten as a whole; a key that is asked
/// for again moves to the younger. Safe from any thread.
class key_window {
public:
  explicit key_window(std::size_t max_bytes);

  void remember(const recorded_spend& spend);
  std::optional<recorded_spend> find(const uuid& key);
  std::size_t size() const;

private:
  struct shard {
    mutable std::mutex mutex;
    key_table young;
    key_table old;
  };
  shard& shard_of(const uuid& key) { return shards_[key.bytes[15] % shards_.size()]; }
  void insert(shard& into, const recorded_spend& spend);

  std::size_t per_generation_; // of one shard
  std::array<shard, 16> shards_;
};

} // namespace tessera
