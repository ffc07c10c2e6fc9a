#include "http/server/listener.hpp"

#include "http/server/loop_member.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <sys/resource.h>

namespace tessera::http {

namespace {

constexpr std::chrono::milliseconds pause_when_short{50}; // of descriptors or memory
constexpr int most_at_once = 64;
constexpr rlim_t kept_for_others = 64; // descriptors

/// An IPv4 client of a dual-stack socket has the same address as one of an IPv4 socket.
std::string text_of(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

/// Connections leave the last descriptors to the database's sessions and files: who has none left for these
/// can't answer anybody. The kernel gives the lowest number that is free.
bool is_one_of_the_last(int descriptor) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  return static_cast<rlim_t>(descriptor) + kept_for_others >= limit.rlim_cur;
}

/// The client changed its mind between its SYN and our accept.
bool concerns_one_client(const error_code& error) {
  return error == asio::error::connection_aborted || error == asio::error::connection_reset;
}

} // namespace

listener::listener(std::shared_ptr<server_core> core, std::vector<std::shared_ptr<io_thread>> loops)
    : core_(std::move(core)), loops_(std::move(loops)), acceptor_(loops_.front()->get_executor()),
      back_off_(loops_.front()->get_executor()) {}

void listener::open(listening_socket bound) {
  port_ = bound.port();
  acceptor_.assign(bound.is_v6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), bound.release());
  acceptor_.non_blocking(true);
}

void listener::start() {
  asio::co_spawn(loops_.front()->get_executor(), accept(), asio::detached);
}

void listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  back_off_.cancel();
}

awaitable<void> listener::accept() {
  for (;;) {
    error_code error;
    auto socket =
        co_await acceptor_.async_accept(next_loop()->get_executor(), asio::redirect_error(awaited, error));
    if (!acceptor_.is_open()) break; // whoever came in the last moment is not counted, so not served
    // Everybody who waits, or a busy loop would let in one per round.
    for (int more = most_at_once; !error; --more) {
      welcome(loops_[turn_ % loops_.size()], std::move(socket));
      if (more == 0) break;
      socket = acceptor_.accept(next_loop()->get_executor(), error);
    }
    if (!error || error == asio::error::would_block || concerns_one_client(error)) continue;
    // Out of descriptors: trying again at once would spin until somebody leaves.
    back_off_.expires_after(pause_when_short);
    co_await back_off_.async_wait(asio::redirect_error(awaited, error));
  }
}

const std::shared_ptr<io_thread>& listener::next_loop() {
  return loops_[++turn_ % loops_.size()];
}

void listener::welcome(std::shared_ptr<io_thread> loop, tcp_socket socket) {
  auto& statistics = core_->statistics;
  ++statistics.connections_accepted;
  if (statistics.connections_open >= static_cast<std::int64_t>(core_->options.max_connections) ||
      is_one_of_the_last(socket.native_handle())) {
    ++statistics.connections_refused;
    return;
  }
  error_code error;
  auto remote = text_of(socket.remote_endpoint(error).address());
  if (error) return; // gone already
  ++statistics.connections_open;
  if (loop->is_current()) {
    serve_client(loop, std::move(socket), std::move(remote));
    return;
  }
  asio::post(loop->get_executor(), [loop, socket = std::move(socket), remote = std::move(remote)]() mutable {
    serve_client(loop, std::move(socket), std::move(remote));
  });
}

} // namespace tessera::http
