#include "tests/support/http_client.hpp"

#include "tests/support/exchange_log.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace tessera::test {

namespace {

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    throw std::invalid_argument("not an IPv4 address: " + host);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

bool has(const header_list& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& h) { return lower(h.first) == lower(name); });
}

bool wait_for(int socket, short events, const deadline& until) {
  pollfd one{socket, events, 0};
  int ready = 0;
  do
    ready = ::poll(&one, 1, until.left_ms());
  while (ready < 0 && errno == EINTR);
  return ready > 0;
}

/// `Name: value` into the list.
void add_header(header_list& into, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos) return;
  auto value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  into.emplace_back(lower(line.substr(0, colon)), std::string(value));
}

} // namespace

std::string http_response::header(std::string_view name) const {
  const auto here = std::ranges::find_if(headers, [&](const auto& h) { return h.first == name; });
  return here == headers.end() ? "" : here->second;
}

http_client::http_client(std::string address, std::uint16_t port, milliseconds timeout)
    : address_(std::move(address)), port_(port), timeout_(timeout) {}

http_client::~http_client() {
  close();
}

http_client::http_client(http_client&& other) noexcept {
  *this = std::move(other);
}

http_client& http_client::operator=(http_client&& other) noexcept {
  if (this == &other) return *this;
  close();
  address_ = std::move(other.address_);
  port_ = other.port_;
  timeout_ = other.timeout_;
  defaults_ = std::move(other.defaults_);
  local_address_ = std::move(other.local_address_);
  socket_ = std::exchange(other.socket_, -1);
  buffer_ = std::move(other.buffer_);
  return *this;
}

void http_client::set_header(const std::string& name, const std::string& value) {
  std::erase_if(defaults_, [&](const auto& h) { return lower(h.first) == lower(name); });
  defaults_.emplace_back(name, value);
}

void http_client::set_local_address(const std::string& address) {
  local_address_ = address;
  close();
}

http_exchange http_client::send(const http_request& request) {
  auto exchange = exchange_of(request);
  log_exchange(port_, request, exchange);
  return exchange;
}

http_exchange http_client::exchange_of(const http_request& request) {
  if (connected() && idle_connection_is_dead()) close();
  if (!connected() && !connect()) return {exchange_failure::connect, {}};
  if (!write_raw(with_headers(request))) {
    // The server may have answered before it stopped reading.
    auto early = read_response();
    close();
    return early.ok() ? early : http_exchange{exchange_failure::lost, {}};
  }
  return read_response(request.method == "HEAD");
}

http_exchange http_client::get(const std::string& target, header_list headers) {
  return send({"GET", target, std::move(headers), {}});
}

http_exchange http_client::post(const std::string& target, std::string json, header_list headers) {
  return send({"POST", target, std::move(headers), std::move(json)});
}

http_exchange http_client::put(const std::string& target, std::string json, header_list headers) {
  return send({"PUT", target, std::move(headers), std::move(json)});
}

http_exchange http_client::remove(const std::string& target, header_list headers) {
  return send({"DELETE", target, std::move(headers), {}});
}

std::string http_client::with_headers(const http_request& request) const {
  auto all = request.headers;
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!has(all, name)) all.emplace_back(name, value);
  };
  add("Host", address_ + ":" + std::to_string(port_));
  for (const auto& [name, value] : defaults_)
    add(name, value);
  const auto carries = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (carries && !has(all, "Transfer-Encoding")) add("Content-Length", std::to_string(request.body.size()));
  if (!request.body.empty()) add("Content-Type", "application/json");
  auto text = request.method + " " + request.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : all)
    (((text += name) += ": ") += value) += "\r\n";
  return text + "\r\n" + request.body;
}

bool http_client::connect() {
  close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!local_address_.empty()) {
    const auto local = address_of(local_address_, 0);
    if (::bind(socket_, generic(local), sizeof local) != 0) return close(), false;
  }
  const auto remote = address_of(address_, port_);
  int error = ::connect(socket_, generic(remote), sizeof remote) == 0 ? 0 : errno;
  if (error == EINPROGRESS && wait_for(socket_, POLLOUT, deadline(timeout_))) {
    socklen_t size = sizeof error;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0) close();
  return error == 0;
}

bool http_client::write_raw(std::string_view bytes) {
  const deadline until(timeout_);
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EINTR)
      continue;
    else if ((errno != EAGAIN && errno != EWOULDBLOCK) || !wait_for(socket_, POLLOUT, until))
      return false;
  }
  return true;
}

http_client::read_outcome http_client::read_some(const deadline& until) {
  char bytes[16 * 1024];
  while (socket_ >= 0) {
    const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got > 0) {
      buffer_.append(bytes, static_cast<std::size_t>(got));
      return read_outcome::data;
    }
    if (got == 0) return read_outcome::end;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return read_outcome::lost;
    if (!wait_for(socket_, POLLIN, until)) return read_outcome::timeout;
  }
  return read_outcome::lost;
}

/// A server may close between two requests; then nothing was sent and a new connection is safe.
bool http_client::idle_connection_is_dead() {
  char one = 0;
  const auto got = ::recv(socket_, &one, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

http_exchange http_client::read_response(bool to_head) {
  const deadline until(timeout_);
  http_exchange exchange;
  do { // 1xx answers are only announcements
    exchange.response = {};
    exchange.failure = read_head(exchange.response, until);
  } while (exchange.ok() && exchange.response.status < 200);
  const auto status = exchange.response.status;
  if (exchange.ok() && !to_head && status != 204 && status != 304)
    exchange.failure = read_body(exchange.response, until);
  if (!exchange.ok() || lower(exchange.response.header("connection")) == "close") close();
  return exchange;
}

exchange_failure http_client::read_head(http_response& response, const deadline& until) {
  std::string line;
  if (const auto failure = read_line(line, until); failure != exchange_failure::none) return failure;
  if (!line.starts_with("HTTP/1.") || line.size() < 12) return exchange_failure::lost;
  std::from_chars(line.data() + 9, line.data() + 12, response.status);
  for (;;) {
    if (const auto failure = read_line(line, until); failure != exchange_failure::none) return failure;
    if (line.empty()) return exchange_failure::none;
    add_header(response.headers, line);
  }
}

exchange_failure http_client::read_body(http_response& response, const deadline& until) {
  if (lower(response.header("transfer-encoding")) == "chunked") return read_chunks(response.body, until);
  if (const auto length = response.header("content-length"); !length.empty())
    return read_exactly(response.body, std::stoul(length), until);
  for (;;) { // as long as the connection lives
    response.body += std::exchange(buffer_, {});
    switch (read_some(until)) {
    case read_outcome::data: break;
    case read_outcome::end: close(); return exchange_failure::none;
    case read_outcome::lost: return exchange_failure::lost;
    case read_outcome::timeout: return exchange_failure::timeout;
    }
  }
}

exchange_failure http_client::read_exactly(std::string& body, std::size_t bytes, const deadline& until) {
  while (buffer_.size() < bytes) {
    const auto outcome = read_some(until);
    if (outcome == read_outcome::timeout) return exchange_failure::timeout;
    if (outcome != read_outcome::data) return exchange_failure::lost;
  }
  body.append(buffer_, 0, bytes);
  buffer_.erase(0, bytes);
  return exchange_failure::none;
}

exchange_failure http_client::read_line(std::string& line, const deadline& until) {
  auto end = buffer_.find("\r\n");
  while (end == buffer_.npos) {
    const auto outcome = read_some(until);
    if (outcome == read_outcome::timeout) return exchange_failure::timeout;
    if (outcome != read_outcome::data) return exchange_failure::lost;
    end = buffer_.find("\r\n");
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return exchange_failure::none;
}

exchange_failure http_client::read_chunks(std::string& body, const deadline& until) {
  std::string line;
  for (;;) {
    if (const auto failure = read_line(line, until); failure != exchange_failure::none) return failure;
    std::size_t size = 0;
    if (std::from_chars(line.data(), line.data() + line.size(), size, 16).ec != std::errc{})
      return exchange_failure::lost;
    if (size > 0)
      if (const auto failure = read_exactly(body, size, until); failure != exchange_failure::none)
        return failure;
    if (const auto failure = read_line(line, until); failure != exchange_failure::none) return failure;
    if (size == 0) return exchange_failure::none; // the server sends no trailers
  }
}

std::string http_client::read_to_end() {
  const deadline until(timeout_);
  while (read_some(until) == read_outcome::data) {
  }
  return std::exchange(buffer_, {});
}

bool http_client::closed_by_server() {
  const auto outcome = read_some(deadline(timeout_));
  return buffer_.empty() && (outcome == read_outcome::end || outcome == read_outcome::lost);
}

void http_client::shutdown_write() {
  ::shutdown(socket_, SHUT_WR);
}

void http_client::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  buffer_.clear();
}

void http_client::abort() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

std::uint16_t free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = address_of("127.0.0.1", 0);
  socklen_t size = sizeof address;
  const bool known = ::bind(listener, generic(address), size) == 0 &&
                     ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(listener);
  if (!known) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

} // namespace tessera::test
