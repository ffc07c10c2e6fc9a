#pragma once

#include "http/routing/router.hpp"
#include "http/server/options.hpp"
#include "http/server/server.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace tessera::http {

/// What all loops of a server share. It outlives the server for as long as somebody holds one of its
/// responders.
struct server_core {
  server_core(server_options given, std::vector<route> table)
      : options(std::move(given)), routes(std::move(table)), lags_us(options.threads) {}

  const server_options options;
  const router routes;
  server_statistics statistics;
  std::vector<std::atomic<std::int64_t>> lags_us; // of each loop

  std::mutex closing;
  std::condition_variable closed; // a connection was closed

  void connection_closed() {
    const std::lock_guard lock{closing};
    --statistics.connections_open;
    closed.notify_all();
  }

  /// Returns whether all connections were closed in time.
  bool wait_until_closed(std::chrono::milliseconds limit) {
    std::unique_lock lock{closing};
    return closed.wait_for(lock, limit, [this] { return statistics.connections_open == 0; });
  }

  void publish_lag(unsigned loop, std::int64_t lag_us) {
    lags_us[loop].store(lag_us, std::memory_order_relaxed);
    std::int64_t worst = 0;
    for (const auto& lag : lags_us)
      worst = std::max(worst, lag.load(std::memory_order_relaxed));
    statistics.loop_lag_us.store(worst, std::memory_order_relaxed);
  }
};

/// Microseconds of the steady clock.
inline std::int64_t steady_us() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

} // namespace tessera::http
