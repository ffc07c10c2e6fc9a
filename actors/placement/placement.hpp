#pragma once

#include "actors/account/environment.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace tessera {

/// Which actor holds which account: finds it, or wakes it up. A map in shards, not an actor: a look-up costs
/// well under a microsecond. Safe from any thread.
class placement final : public account_registry {
public:
  using spawn_account = std::function<account_actor(const account_id&)>;

  explicit placement(spawn_account spawn) : spawn_(std::move(spawn)) {}

  /// The account's actor; made when there is none. A handle may be of an actor that is just going to rest: a
  /// request to it bounces, and asking here again gives the next one.
  account_actor find(const account_id& account);

  /// Takes the actor out, unless another one has its place already.
  void remove(const account_id& account, const account_actor& who) override;

  std::size_t size() const;
  std::vector<account_actor> all() const;
  /// From now on nothing new is made: `find` gives null handles for accounts that are not live.
  void close() { closed_ = true; }
  /// Lets go of every actor: one that nobody else knows ends.
  void clear();

private:
  struct shard {
    mutable std::mutex mutex;
    std::unordered_map<account_id, account_actor> live;
  };
  shard& shard_of(const account_id& account) { return shards_[account.value.bytes[14] % shards_.size()]; }

  spawn_account spawn_;
  std::atomic<bool> closed_{false};
  std::array<shard, 64> shards_;
};

} // namespace tessera
