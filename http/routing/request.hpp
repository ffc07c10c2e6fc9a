#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

/// One request as a route sees it. The views point into the connection's buffer and stay valid until the
/// responder has been completed: a connection handles one request at a time.
struct request {
  std::string_view method;
  std::string_view path;  // without the query, not decoded
  std::string_view query; // what follows '?', may be empty
  std::string_view body;
  std::vector<std::pair<std::string_view, std::string_view>> headers; // as received, in order
  std::vector<std::string_view> parameters; // of the route's `:name` segments, in order

  std::string request_id;  // X-Request-Id of the caller when it is usable, else made here
  std::string traceparent; // W3C, empty when absent or malformed
  std::string remote_address;
  std::int64_t received_at_us = 0; // steady clock
  std::uint64_t owner = 0; // the door says whose call it is: a number for each tenant; 0: nobody's yet

  /// Returns the value of the header (case-insensitive), or nothing. A repeated header gives the first.
  std::optional<std::string_view> header(std::string_view name) const;
  /// What a log line about it has at its end: the request's id, and the caller's trace when there is one.
  std::string log_name() const;
};

} // namespace tessera::http
