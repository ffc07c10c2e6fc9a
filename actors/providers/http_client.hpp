#pragma once

#include "actors/providers/outgoing.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace tessera {

struct http_client_options {
  std::size_t max_queued = 2'000; // requests that wait or are under way
  long max_connections = 128;
  long max_connections_of_a_host = 32;
};

struct http_client_statistics {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> failures{0}; // requests without an answer
};

/// Sends requests to others over HTTP, all of them on one thread of its own (libcurl's multi interface), on
/// connections that are kept. Certificates and their names are verified, redirects are not followed, answers
/// are bounded. What failed is sent again as often as the request allows (`pause_before_next`).
class http_client {
public:
  explicit http_client(http_client_options options = {});
  /// What has no answer yet gets `stopped`.
  ~http_client();
  http_client(const http_client&) = delete;

  /// Gives up: what has no answer yet, and whatever is sent from now on, gets `stopped`. Not on its own
  /// thread.
  void stop();

  /// From any thread; does not wait. `done` is called on the client's thread, or at once on this one when too
  /// much is queued.
  void send(outgoing_request request, outgoing_done done);
  const http_client_statistics& statistics() const;

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tessera
