#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace tessera::http::test {

struct reply {
  int status = 0;                             // 0: the connection ended first
  std::map<std::string, std::string> headers; // names in lower case
  std::string body;
};

/// A client that sends exactly the bytes it is given. Every read has a deadline of ten seconds.
class raw_client {
public:
  explicit raw_client(std::uint16_t port);
  ~raw_client();
  raw_client(raw_client&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  raw_client(const raw_client&) = delete;

  raw_client& send(std::string_view bytes);
  raw_client& send_byte_by_byte(std::string_view bytes);
  raw_client& end_sending();
  /// Ends the connection by RST.
  void reset();

  reply read(bool body_follows = true);
  /// What comes until the server ends the connection.
  std::string read_to_end();
  bool ended() { return read_to_end().empty(); }

private:
  bool fill();
  std::string take_until(std::string_view mark);

  int socket_;
  std::string buffer_;
};

} // namespace tessera::http::test
