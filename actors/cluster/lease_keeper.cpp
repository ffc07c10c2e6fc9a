#include "actors/cluster/lease_keeper.hpp"

#include "persistence/stores/cluster_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <pthread.h>
#include <stdexcept>
#include <utility>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

// Our clock may run so much faster than the database's before the lease is believed too long.
constexpr int margin_percent = 10;
constexpr std::chrono::milliseconds least_margin{300};
constexpr std::chrono::milliseconds retry_interval{100};

} // namespace

lease_keeper::lease_keeper(
    lease_options options,
    pg::session_options session,
    node_incarnation node,
    lease& kept,
    database_clock& time,
    const std::function<bool()>& must_stop
)
    : options_(std::move(options)), session_(std::move(session)), node_(node), lease_(kept), time_(time) {
  session_.open();
  // Another node's live lease is waited for: until it is over that node may answer reads.
  // One that lives renews it before it is over; then there is no point in waiting on.
  const auto started = steady::now();
  std::optional<time_point> first_end;
  auto asked_boot = lease::now();
  for (int owned = 0; owned < persistence::shard_count;) {
    asked_boot = lease::now();
    const auto asked = steady::now();
    const auto taken = persistence::take_all_shards(
        session_, node_, options_.node_name, options_.ttl, std::chrono::seconds(5)
    );
    time_.adjust(asked, steady::now(), taken.database_now);
    owned = taken.shards_owned;
    alone_ = !taken.has_company;
    if (lease_.is_ignored() || owned == persistence::shard_count) break;
    if (!first_end) first_end = taken.held_until;
    const bool is_renewed = taken.held_until != *first_end;
    const bool is_over = taken.database_now > *first_end + options_.ttl;
    if ((is_renewed || is_over) && steady::now() > started + 2 * options_.ttl)
      throw std::runtime_error("another node holds the shards");
    if (must_stop && must_stop()) throw start_given_up();
    std::this_thread::sleep_for(retry_interval);
  }
  extend(asked_boot, options_.ttl);
  last_success_ns_ = lease::now().count();
  spdlog::info("cluster: this node owns {} shards", persistence::shard_count);
  if (alone_ && !lease_.is_ignored()) beat(); // the long lease from the start
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
    const auto granted = alone_ ? options_.alone_ttl : options_.ttl;
    const auto renewed = persistence::renew_leases(session_, node_, granted, options_.ttl);
    time_.adjust(asked, steady::now(), renewed.database_now);
    last_success_ns_ = lease::now().count();
    // Only once this node believes in the shorter lease does it ask the database for it, with the next
    // heartbeat: wherever it is paused in between, the database has the longer one.
    alone_ = !renewed.has_company;
    if (renewed.shards_owned == persistence::shard_count)
      return extend(asked_boot, alone_ ? granted : options_.ttl);
    if (lease_.is_held())
      spdlog::error("cluster: another node has taken the shards of this one; it stops serving");
    lease_.lose();
  } catch (const std::exception& why) {
    spdlog::warn("cluster: no heartbeat: {}", why.what());
  }
}

void lease_keeper::extend(lease::duration asked, std::chrono::milliseconds granted) {
  const auto margin = std::max(least_margin, granted * margin_percent / 100);
  lease_.extend(asked + granted - margin);
}

bool lease_keeper::reached_database_lately() const {
  return lease::now() - lease::duration(last_success_ns_.load()) < options_.ttl;
}

} // namespace tessera
