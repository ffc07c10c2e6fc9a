#pragma once

#include "tools/bench/load/reply.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::bench {

using steady_time = std::chrono::steady_clock::time_point;

/// A keep-alive connection with at most one request under way.
class connection {
public:
  connection(std::uint16_t port, int epoll, std::uint32_t index);
  ~connection();
  connection(connection&& other) noexcept;
  connection& operator=(connection&&) = delete;

  /// Connects, again if it was connected. Throws std::system_error.
  void open();

  /// One write; what does not fit waits for `flush`. If the peer has gone, the next `receive` says so.
  void send(std::string_view request, steady_time counts_from);
  /// False: the connection is of no further use.
  bool flush();

  /// Reads what is there. `into` is valid until the next call.
  reading receive(reply& into);

  bool is_waiting() const { return waiting_; }
  steady_time counts_from() const { return counts_from_; }

private:
  void close();
  void watch(int operation, bool writable) const;

  std::uint16_t port_;
  int epoll_;
  std::uint32_t index_;
  int socket_ = -1;
  bool waiting_ = false;
  steady_time counts_from_{};
  std::string unsent_;
  std::vector<char> received_;
  std::size_t filled_ = 0;
};

} // namespace tessera::bench
