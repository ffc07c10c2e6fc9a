#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tessera::http {

/// As URLs write it: an IPv6 address in brackets.
inline std::string host_and_port(const std::string& address, std::uint16_t port) {
  const bool is_v6 = address.find(':') != std::string::npos;
  return (is_v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

/// Where and how the server listens, and what one peer may take from it (contract 2 `limits`, shapes.md
/// HTTP).
struct server_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080; // 0: any free port
  unsigned threads = 1;
  std::size_t max_connections = 20'000;
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_headers = 64;
  std::size_t max_in_flight = 4'096; // requests of one io thread that wait for an answer; above it 503
  /// Of one io thread: bodies above 64 KiB together, those of answers included; then 503.
  std::size_t max_large_body_bytes = 256 * 1024 * 1024;
  std::size_t max_streams = 64;       // of one io thread, bodies that are fetched piece by piece; then 503
  std::size_t max_streams_of_one = 8; // of one io thread and one owner
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};
  std::size_t min_body_bytes_per_second = 1'024;
  /// A new request would wait longer than this for the loop, or for the answers to those before it, and did
  /// so for the last 50 ms: it is shed.
  std::chrono::milliseconds max_wait{20};
  std::chrono::milliseconds drain_timeout{4'000};
  bool public_base_is_https = false;        // then HSTS is sent
  std::vector<std::string> allowed_origins; // of pages whose scripts may call, and read the answers
};

} // namespace tessera::http
