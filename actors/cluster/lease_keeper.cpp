#include "actors/cluster/lease_keeper.hpp"

#include "persistence/stores/cluster_store.hpp"

#include <spdlog/spdlog.h>

#include <pthread.h>
#include <stdexcept>
#include <utility>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

// Our clock may run up to 10 % faster than the database's before the lease is believed too long.
constexpr std::chrono::milliseconds margin{300};
constexpr std::chrono::milliseconds retry_interval{100};

} // namespace

lease_keeper::lease_keeper(
    lease_options options,
    pg::session_options session,
    node_incarnation node,
    lease& kept,
    database_clock& time
)
    : options_(std::move(options)), session_(std::move(session)), node_(node), lease_(kept), time_(time) {
  session_.open();
  // Another node's live lease is waited for: until it is over that node may answer reads.
  const auto patience = steady::now() + 2 * options_.ttl;
  auto asked_boot = lease::now();
  for (int owned = 0; owned < persistence::shard_count;) {
    if (steady::now() > patience) throw std::runtime_error("another node holds the shards");
    asked_boot = lease::now();
    const auto asked = steady::now();
    const auto taken = persistence::take_all_shards(
        session_, node_, options_.node_name, options_.ttl, std::chrono::seconds(5)
    );
    time_.adjust(asked, steady::now(), taken.database_now);
    owned = taken.shards_owned;
    if (lease_.is_ignored()) break;
    if (owned < persistence::shard_count) std::this_thread::sleep_for(retry_interval);
  }
  lease_.extend(asked_boot + options_.ttl - margin);
  last_success_ns_ = lease::now().count();
  spdlog::info("cluster: this node owns {} shards", persistence::shard_count);
  thread_ = std::thread([this] { run(); });
}

lease_keeper::~lease_keeper() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
  }
  thread_.join();
  try {
    if (session_.is_open()) persistence::release_shards(session_, node_, std::chrono::seconds(1));
  } catch (const std::exception& why) {
    spdlog::warn("cluster: the shards were not given back: {}", why.what());
  }
}

void lease_keeper::run() {
  pthread_setname_np(pthread_self(), "lease");
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, options_.heartbeat, [this] { return stopped_; })) {
    lock.unlock();
    beat();
    lock.lock();
  }
}

void lease_keeper::beat() {
  try {
    if (!session_.is_open()) session_.open();
    // The lease counts from before the question: the database may have set it at any moment after that.
    const auto asked_boot = lease::now();
    const auto asked = steady::now();
    const auto renewed = persistence::renew_leases(session_, node_, options_.ttl, options_.ttl);
    time_.adjust(asked, steady::now(), renewed.database_now);
    last_success_ns_ = lease::now().count();
    if (renewed.shards_owned == persistence::shard_count)
      return lease_.extend(asked_boot + options_.ttl - margin);
    if (lease_.is_held())
      spdlog::error("cluster: another node has taken the shards of this one; it stops serving");
    lease_.lose();
  } catch (const std::exception& why) {
    spdlog::warn("cluster: no heartbeat: {}", why.what());
  }
}

bool lease_keeper::reached_database_lately() const {
  return lease::now() - lease::duration(last_success_ns_.load()) < options_.ttl;
}

} // namespace tessera
