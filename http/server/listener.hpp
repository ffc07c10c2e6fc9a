#pragma once

#include "http/server/asio.hpp"
#include "http/server/io_thread.hpp"
#include "http/server/listening_socket.hpp"

#include <memory>
#include <vector>

namespace tessera::http {

/// Accepts on the first loop and hands the connections to all loops in turn.
class listener {
public:
  listener(std::shared_ptr<server_core> core, std::vector<std::shared_ptr<io_thread>> loops);

  void open(listening_socket bound);
  void start();
  /// Stops accepting. On the first loop only.
  void close();
  std::uint16_t port() const { return port_; }

private:
  awaitable<void> accept();
  const std::shared_ptr<io_thread>& next_loop();
  void welcome(std::shared_ptr<io_thread> loop, tcp_socket socket);

  std::shared_ptr<server_core> core_;
  std::vector<std::shared_ptr<io_thread>> loops_;
  tcp_acceptor acceptor_;
  steady_timer back_off_;
  std::size_t turn_ = 0;
  std::uint16_t port_ = 0;
};

} // namespace tessera::http
