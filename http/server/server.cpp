#include "http/server/server.hpp"

#include "http/server/core.hpp"
#include "http/server/io_thread.hpp"
#include "http/server/listener.hpp"

#include <algorithm>
#include <future>

namespace tessera::http {

namespace {

server_options checked(server_options options) {
  options.threads = std::max(options.threads, 1u);
  return options;
}

} // namespace

class server::implementation {
public:
  implementation(
      server_options options, std::vector<route> table, const std::function<void(io_loop&)>& prepare
  )
      : core(std::make_shared<server_core>(checked(std::move(options)), std::move(table))) {
    for (unsigned index = 0; index < core->options.threads; ++index)
      loops.push_back(std::make_shared<io_thread>(core, index));
    if (prepare)
      for (const auto& loop : loops)
        prepare(*loop);
    door = std::make_unique<listener>(core, loops);
  }

  void start(listening_socket bound) {
    door->open(std::move(bound));
    for (const auto& loop : loops)
      loop->start();
    running = true;
    loops.front()->post([this] { door->start(); });
  }

  /// The acceptor first: a connection that comes later would not be counted by the wait.
  void stop() {
    if (!std::exchange(running, false)) return;
    auto closed = std::make_shared<std::promise<void>>();
    loops.front()->post([this, closed] {
      door->close();
      closed->set_value();
    });
    closed->get_future().wait();
    for (const auto& loop : loops)
      loop->post([loop] { loop->drain(); });
    if (!core->wait_until_closed(core->options.drain_timeout)) {
      for (const auto& loop : loops)
        loop->post([loop] { loop->abort(); });
      core->wait_until_closed(std::chrono::seconds{1});
    }
    for (const auto& loop : loops)
      loop->stop();
  }

  std::shared_ptr<server_core> core;
  std::vector<std::shared_ptr<io_thread>> loops;
  std::unique_ptr<listener> door;
  bool running = false;
};

server::server(server_options options, std::vector<route> table, std::function<void(io_loop&)> prepare)
    : implementation_(std::make_unique<implementation>(std::move(options), std::move(table), prepare)) {}

server::~server() {
  stop();
}

void server::start() {
  const auto& options = implementation_->core->options;
  start(listening_socket{options.address, options.port});
}

void server::start(listening_socket door) {
  implementation_->start(std::move(door));
}

std::uint16_t server::port() const {
  return implementation_->door->port();
}

void server::stop() {
  implementation_->stop();
}

const server_statistics& server::statistics() const {
  return implementation_->core->statistics;
}

io_loop* server::current() {
  return io_thread::current();
}

} // namespace tessera::http
