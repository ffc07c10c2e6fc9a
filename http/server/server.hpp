#pragma once

#include "http/routing/router.hpp"
#include "http/server/listening_socket.hpp"
#include "http/server/options.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace tessera::http {

struct server_statistics {
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::int64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_refused{0}; // above max_connections, or the last descriptors
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> requests_by_class[6]{}; // [2] counts 2xx, ...
  std::atomic<std::uint64_t> requests_shed{0};       // 503 before the route saw them
  std::atomic<std::uint64_t> framing_refused{0};     // the gate said no
  std::atomic<std::int64_t> loop_lag_us{0};          // of the io thread that is furthest behind
};

/// An io thread as other threads see it: post runs the function there, soon.
class io_loop {
public:
  virtual ~io_loop() = default;
  virtual void post(std::function<void()> job) = 0;
  /// Runs `tick` on the loop every `period` until the server stops.
  virtual void every(std::chrono::milliseconds period, std::function<void()> tick) = 0;
  virtual unsigned index() const = 0;
};

/// The HTTP/1.1 server: accepts, frames, limits, routes and writes. One thread per io loop; a connection
/// stays on its loop, and so do its handlers. Construct, `start`, `stop`.
class server {
public:
  /// `prepare` is called once per loop, on the constructing thread, before any connection exists.
  server(server_options options, std::vector<route> table, std::function<void(io_loop&)> prepare = {});
  ~server();

  /// Binds and starts the threads. Throws std::system_error when the address cannot be bound.
  void start();
  /// The same with a socket that is bound already, whatever the options say.
  void start(listening_socket door);
  std::uint16_t port() const;

  /// Stops accepting, answers what is in flight (Connection: close), closes idle connections, and returns
  /// when all are closed or drain_timeout is over.
  void stop();

  const server_statistics& statistics() const;
  /// The io loop that runs the caller, or null outside of one.
  static io_loop* current();

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tessera::http
