#include "tests/support/stub_server.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace tessera::test {

namespace {

constexpr milliseconds patience{5'000};

/// The head of a request; empty when it did not come.
std::string read_head(int connection) {
  std::string head;
  const deadline until(patience);
  while (head.find("\r\n\r\n") == head.npos) {
    pollfd one{connection, POLLIN, 0};
    char bytes[4'096];
    if (::poll(&one, 1, until.left_ms()) <= 0) return {};
    const auto count = ::recv(connection, bytes, sizeof bytes, 0);
    if (count <= 0) return {};
    head.append(bytes, static_cast<std::size_t>(count));
  }
  return head;
}

/// `GET /keys HTTP/1.1` asks for `/keys`.
std::string path_in(const std::string& head) {
  const auto from = head.find(' ') + 1;
  return head.substr(from, head.find_first_of(" ?", from) - from);
}

std::string text_of(const stub_answer& answer) {
  auto text = "HTTP/1.1 " + std::to_string(answer.status) + " As Told\r\nConnection: close\r\n";
  text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  for (const auto& [name, value] : answer.headers)
    (((text += name) += ": ") += value) += "\r\n";
  return text + "\r\n" + answer.body;
}

/// Whoever had enough may go.
void write_all(int connection, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const auto count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

} // namespace

stub_server::stub_server() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, generic, &size) != 0)
    throw std::system_error(errno, std::generic_category(), "stub_server");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

stub_server::~stub_server() {
  ::shutdown(listener_, SHUT_RDWR); // ends accept()
  thread_.join();
  ::close(listener_);
  for (const int connection : silent_)
    ::close(connection);
}

std::string stub_server::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

void stub_server::answer(const std::string& path, stub_answer with) {
  answer_in_turn(path, {std::move(with)});
}

void stub_server::answer_in_turn(const std::string& path, std::vector<stub_answer> with) {
  const std::lock_guard lock(mutex_);
  answers_[path] = std::move(with);
}

std::string stub_server::last_head() const {
  const std::lock_guard lock(mutex_);
  return last_head_;
}

void stub_server::set_away(bool away) {
  const std::lock_guard lock(mutex_);
  away_ = away;
}

int stub_server::asked(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = asked_.find(path);
  return found == asked_.end() ? 0 : found->second;
}

void stub_server::run() {
  for (;;) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0)
      serve(connection);
    else if (errno != EINTR && errno != ECONNABORTED)
      return;
  }
}

void stub_server::serve(int connection) {
  const auto head = read_head(connection);
  std::unique_lock lock(mutex_);
  if (head.empty() || away_) {
    ::close(connection);
    return;
  }
  const auto path = path_in(head);
  ++asked_[path];
  last_head_ = head;
  const auto found = answers_.find(path);
  const auto answer = found == answers_.end() ? stub_answer{.status = 404} : found->second.front();
  if (found != answers_.end() && found->second.size() > 1) found->second.erase(found->second.begin());
  lock.unlock();
  if (answer.is_silent) {
    silent_.push_back(connection);
    return;
  }
  write_all(connection, text_of(answer));
  ::close(connection);
}

} // namespace tessera::test
