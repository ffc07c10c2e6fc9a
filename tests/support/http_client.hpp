#pragma once

#include "tests/support/wait.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::test {

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_request {
  std::string method = "GET";
  std::string target = "/";
  header_list headers; // Host and Content-Length are added
  std::string body;
};

struct http_response {
  int status = 0;
  header_list headers; // names in lower case
  std::string body;
  /// The first one of that name (lower case), empty when there is none.
  std::string header(std::string_view name) const;
};

/// What the caller knows about a request that got no answer.
enum class exchange_failure {
  none,
  connect, // nothing was sent: it did not happen
  lost,    // the connection broke after sending: nobody knows
  timeout, // no whole answer in time: nobody knows
};

struct http_exchange {
  exchange_failure failure = exchange_failure::none;
  http_response response;
  bool ok() const { return failure == exchange_failure::none; }
  int status() const { return ok() ? response.status : 0; }
};

/// One keep-alive connection that blocks, with a deadline on every step. It reconnects when the server has
/// closed an idle connection, and never sends a request twice.
class http_client {
public:
  http_client(std::string address, std::uint16_t port, milliseconds timeout = milliseconds{10'000});
  ~http_client();
  http_client(http_client&& other) noexcept;
  http_client& operator=(http_client&& other) noexcept;

  /// Sent with every request that does not carry the name itself.
  void set_header(const std::string& name, const std::string& value);
  void set_bearer(const std::string& token) { set_header("Authorization", "Bearer " + token); }
  /// Connects from another loopback address: to limits that count by address, another client.
  void set_local_address(const std::string& address);
  void set_timeout(milliseconds timeout) { timeout_ = timeout; }

  http_exchange send(const http_request& request);
  http_exchange get(const std::string& target, header_list headers = {});
  http_exchange post(const std::string& target, std::string json, header_list headers = {});
  http_exchange put(const std::string& target, std::string json, header_list headers = {});
  http_exchange remove(const std::string& target, header_list headers = {});

  // Bytes, for tests of framing, pipelining and rude clients.
  bool connect();
  bool connected() const { return socket_ >= 0; }
  bool write_raw(std::string_view bytes);
  /// `to_head`: the request was HEAD, so no body follows.
  http_exchange read_response(bool to_head = false);
  /// Everything until the server closes; empty when nothing came in time.
  std::string read_to_end();
  /// True when the server has closed the connection within the timeout and sent nothing more.
  bool closed_by_server();
  void shutdown_write();
  void close();
  /// Closes with RST.
  void abort();

private:
  enum class read_outcome { data, end, lost, timeout };
  read_outcome read_some(const deadline& until);
  http_exchange exchange_of(const http_request& request);
  std::string with_headers(const http_request& request) const;
  bool idle_connection_is_dead();
  exchange_failure read_head(http_response& response, const deadline& until);
  exchange_failure read_body(http_response& response, const deadline& until);
  exchange_failure read_exactly(std::string& body, std::size_t bytes, const deadline& until);
  exchange_failure read_line(std::string& line, const deadline& until);
  exchange_failure read_chunks(std::string& body, const deadline& until);

  std::string address_;
  std::uint16_t port_;
  milliseconds timeout_;
  header_list defaults_;
  std::string local_address_;
  int socket_ = -1;
  std::string buffer_; // read and not yet used
};

/// A port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port();

} // namespace tessera::test
