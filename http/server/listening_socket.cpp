#include "http/server/listening_socket.hpp"

#include "http/server/asio.hpp"
#include "http/server/options.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace tessera::http {

namespace {

[[noreturn]] void refuse(int error, const char* what, const std::string& address, std::uint16_t port) {
  throw std::system_error{
      error, std::generic_category(), std::string{what} + " " + host_and_port(address, port)};
}

asio::ip::tcp::endpoint endpoint_of(const std::string& address, std::uint16_t port) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) refuse(EINVAL, "not an address:", address, port);
  return {parsed, port};
}

} // namespace

listening_socket::listening_socket(const std::string& address, std::uint16_t port) : descriptor_(-1) {
  auto endpoint = endpoint_of(address, port);
  const auto kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  descriptor_ = ::socket(endpoint.protocol().family(), kind, IPPROTO_TCP);
  const auto check = [&](int result, const char* what) {
    if (result >= 0) return;
    const int error = errno;
    if (descriptor_ >= 0) ::close(release());
    refuse(error, what, address, port);
  };
  check(descriptor_, "cannot open a socket for");
  const int yes = 1;
  check(::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes), "cannot set up");
  check(::bind(descriptor_, endpoint.data(), static_cast<socklen_t>(endpoint.size())), "cannot bind");
  check(::listen(descriptor_, SOMAXCONN), "cannot listen on");
  auto length = static_cast<socklen_t>(endpoint.capacity());
  check(::getsockname(descriptor_, endpoint.data(), &length), "cannot ask for the port of");
  port_ = endpoint.port();
  is_v6_ = endpoint.protocol() == asio::ip::tcp::v6();
}

listening_socket::~listening_socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

} // namespace tessera::http
