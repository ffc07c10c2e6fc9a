#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace tessera::cli {

/// One call of a service, on a connection of its own.
struct http_call {
  std::string host; // a name or an address, IPv6 without brackets
  std::string port;
  std::string method = "GET";
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds limit{10'000}; // of all of it
};

struct http_answer {
  unsigned status = 0;
  std::string body;
};

/// Throws std::exception when there is no answer within the limit.
http_answer send(const http_call& call);

} // namespace tessera::cli
