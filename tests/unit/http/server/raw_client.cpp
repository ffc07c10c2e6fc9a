#include "raw_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace tessera::http::test {

raw_client::raw_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{10, 0};
  const int on = 1;
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error{"cannot connect"};
}

raw_client::~raw_client() {
  if (socket_ >= 0) ::close(socket_);
}

raw_client& raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) break; // the reads of the test will tell
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return *this;
}

raw_client& raw_client::send_byte_by_byte(std::string_view bytes) {
  for (const char& byte : bytes)
    send({&byte, 1});
  return *this;
}

raw_client& raw_client::end_sending() {
  ::shutdown(socket_, SHUT_WR);
  return *this;
}

void raw_client::reset() {
  const linger now{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(socket_, -1));
}

bool raw_client::fill() {
  char piece[16 * 1024];
  const auto count = ::recv(socket_, piece, sizeof piece, 0);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    throw std::runtime_error{"nothing came in time"};
  if (count <= 0) return false;
  buffer_.append(piece, static_cast<std::size_t>(count));
  return true;
}

std::string raw_client::take_until(std::string_view mark) {
  std::size_t at;
  while ((at = buffer_.find(mark)) == std::string::npos)
    if (!fill()) return {};
  auto taken = buffer_.substr(0, at);
  buffer_.erase(0, at + mark.size());
  return taken;
}

reply raw_client::read(bool body_follows) {
  reply answer;
  auto head = take_until("\r\n\r\n");
  if (head.size() < 12) return answer;
  answer.status = std::stoi(head.substr(9, 3));
  head += "\r\n";
  for (auto line = head.find("\r\n") + 2; line < head.size(); line = head.find("\r\n", line) + 2) {
    const auto colon = head.find(": ", line);
    auto name = head.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    answer.headers[name] = head.substr(colon + 2, head.find("\r\n", colon) - colon - 2);
  }
  if (!body_follows || !answer.headers.contains("content-length")) return answer;
  const auto length = std::stoul(answer.headers["content-length"]);
  while (buffer_.size() < length && fill()) {
  }
  answer.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return answer;
}

std::string raw_client::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

} // namespace tessera::http::test
