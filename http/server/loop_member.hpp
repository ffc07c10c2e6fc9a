#pragma once

#include "http/server/asio.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tessera::http {

class io_thread;

/// A connection as its loop sees it; it keeps the includes of the parser out of the loop.
class loop_member {
public:
  /// Ends the wait whose deadline has passed.
  virtual void tick(std::int64_t now_us) = 0;
  /// Ends the wait for a next request.
  virtual void drain() = 0;
  virtual void abort() = 0;

  std::size_t slot = 0; // the loop's own: where it keeps this member

protected:
  ~loop_member() = default;
};

/// Serves the client until one of both closes. On the thread of that loop only.
void serve_client(std::shared_ptr<io_thread> loop, tcp_socket socket, std::string remote_address);

} // namespace tessera::http
