#include "tools/bench/load/connection.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace tessera::bench {

namespace {

constexpr std::size_t first_buffer = 2048;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int connect_to(std::uint16_t port) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) fail("socket");
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(port);
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) {
    const int reason = std::exchange(errno, 0);
    ::close(made);
    errno = reason;
    fail("connect");
  }
  const int on = 1;
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(made, F_SETFL, O_NONBLOCK);
  return made;
}

} // namespace

connection::connection(std::uint16_t port, int epoll, std::uint32_t index)
    : port_(port), epoll_(epoll), index_(index), received_(first_buffer) {}

connection::connection(connection&& other) noexcept
    : port_(other.port_), epoll_(other.epoll_), index_(other.index_),
      socket_(std::exchange(other.socket_, -1)), waiting_(other.waiting_), counts_from_(other.counts_from_),
      unsent_(std::move(other.unsent_)), received_(std::move(other.received_)), filled_(other.filled_) {}

connection::~connection() {
  close();
}

void connection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void connection::open() {
  close();
  waiting_ = false;
  unsent_.clear();
  filled_ = 0;
  socket_ = connect_to(port_);
  watch(EPOLL_CTL_ADD, false);
}

void connection::watch(int operation, bool writable) const {
  epoll_event event{};
  event.events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u32 = index_;
  if (epoll_ctl(epoll_, operation, socket_, &event) != 0) fail("epoll_ctl");
}

void connection::send(std::string_view request, steady_time counts_from) {
  waiting_ = true;
  counts_from_ = counts_from;
  const auto sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(request.size())) return;
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return;
  unsent_ = request.substr(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  watch(EPOLL_CTL_MOD, true);
}

bool connection::flush() {
  if (unsent_.empty()) return true;
  const auto sent = ::send(socket_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  unsent_.erase(0, static_cast<std::size_t>(sent));
  if (unsent_.empty()) watch(EPOLL_CTL_MOD, false);
  return true;
}

reading connection::receive(reply& into) {
  if (filled_ == received_.size()) received_.resize(2 * filled_);
  const auto got = recv(socket_, received_.data() + filled_, received_.size() - filled_, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return reading::need_more;
  if (got <= 0 || !waiting_) return reading::broken; // nobody asked for this
  filled_ += static_cast<std::size_t>(got);
  const auto state = read_reply({received_.data(), filled_}, into);
  if (state != reading::whole) return state;
  if (into.size != filled_) return reading::broken; // more than one answer
  filled_ = 0;
  waiting_ = false;
  return state;
}

} // namespace tessera::bench
