#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Calls that we make to others over HTTP (http_client.hpp).
namespace tessera {

using outgoing_headers = std::vector<std::pair<std::string, std::string>>;

struct outgoing_request {
  std::string method = "GET";
  std::string url; // `is_fetchable`, unless `plain_anywhere`
  outgoing_headers headers;
  std::string body;

  /// Only where every other machine could go, too: for addresses that a tenant chose. Looked at when the
  /// connection is made, so that no name can point elsewhere a moment later; never through a proxy.
  bool public_addresses_only = false;
  /// With that: which addresses count as public. Empty: `is_public_address`.
  std::function<bool(std::string_view address)> admits{};
  bool plain_anywhere = false; // `http://` to other machines as well

  /// How often it is sent at most. More than once only what may arrive twice: it has a key that the other
  /// side knows it by, or changes nothing.
  int attempts = 1;
  std::chrono::milliseconds connect_limit{5'000};
  std::chrono::milliseconds attempt_limit{10'000}; // from name to last byte
  std::chrono::milliseconds whole_limit{30'000};   // of all attempts and what lies between them
  std::size_t most_bytes = 1024 * 1024;            // of the answer's body
};

struct outgoing_answer {
  int status = 0;
  outgoing_headers headers; // names in lower case
  std::string body;

  /// The first one of that name (lower case), empty when there is none.
  std::string_view header(std::string_view name) const;
};

/// Why there is no answer.
enum class outgoing_failure : std::uint8_t {
  none,
  refused_address, // nothing was sent there
  not_connected,   // name, connection or TLS: nothing was sent
  lost,            // nobody knows what the other side did; so with timed_out
  timed_out,
  too_long, // the answer
  stopped,  // this service ends, or was asked for more than it queues
};

struct outgoing_outcome {
  outgoing_failure failure = outgoing_failure::none;
  outgoing_answer answer; // of the last attempt, when there is no failure; too_long: its status alone
  std::string why;        // of the failure, for the log: nothing that was answered stands in it
  int attempts = 0;

  bool answered() const { return failure == outgoing_failure::none; }
  bool succeeded() const { return answered() && answer.status >= 200 && answer.status < 300; }
};

/// Called once, on the client's thread: must neither wait nor throw.
using outgoing_done = std::function<void(outgoing_outcome)>;

} // namespace tessera
