#include "tests/support/exchange_log.hpp"

#include "tests/support/json.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <set>
#include <unordered_map>

namespace tessera::test {

namespace {

/// Of longer ones only the beginning is kept, and the length.
constexpr std::size_t longest_body = 512 * 1024;

void append_text(std::string& out, std::string_view bytes) {
  out += '"';
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\') {
      out += each;
      continue;
    }
    char escaped[7];
    std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
    out += escaped;
  }
  out += '"';
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  append_text(out, name);
  out += ':';
  append_text(out, value);
}

/// Those that are looked at.
void append_headers(std::string& out, const header_list& headers) {
  constexpr std::string_view wanted[] = {
      "content-encoding", "content-type", "Content-Type", "retry-after", "x-request-id"};
  out += '{';
  for (const auto& [name, value] : headers) {
    if (std::ranges::find(wanted, name) == std::end(wanted)) continue;
    if (out.back() != '{') out += ',';
    append_member(out, name, value);
  }
  out += '}';
}

void append_body(std::string& out, std::string_view name, std::string_view body) {
  append_member(out, name, body.substr(0, longest_body));
  if (body.size() > longest_body) out.append(",\"").append(name).append("Cut\":true");
}

std::string line_of(const http_request& request, const http_response& response) {
  std::string out = "{";
  append_member(out, "method", request.method);
  out += ',';
  append_member(out, "target", request.target);
  out += ",\"sent\":";
  append_headers(out, request.headers);
  out += ',';
  append_body(out, "question", request.body);
  out += ",\"status\":" + std::to_string(response.status) + ",\"headers\":";
  append_headers(out, response.headers);
  out += ',';
  append_body(out, "answer", response.body);
  return out + "}\n";
}

/// Of exchanges that look the same the first ones say enough: loads make millions, and some answers are long.
constexpr std::size_t most_alike = 300;
constexpr std::size_t most_alike_of_long = 10;
constexpr std::size_t long_body = 64 * 1024;

std::size_t most_like(const http_response& response) {
  return response.body.size() < long_body ? most_alike : most_alike_of_long;
}

std::string kind_of(const http_request& request, const http_response& response) {
  const auto kind =
      request.method + " " + request.target.substr(0, 40) + " " + std::to_string(response.status);
  return response.status < 400 ? kind : kind + " " + text_at(response.body, "/code");
}

std::mutex one_at_a_time;
std::set<std::uint16_t> left_out; // ports

bool is_left_out(std::uint16_t port) {
  const std::lock_guard lock(one_at_a_time);
  return left_out.contains(port);
}

} // namespace

left_out_of_log::left_out_of_log(std::uint16_t port) : port_(port) {
  const std::lock_guard lock(one_at_a_time);
  left_out.insert(port_);
}

left_out_of_log::~left_out_of_log() {
  const std::lock_guard lock(one_at_a_time);
  left_out.erase(port_);
}

void log_exchange(std::uint16_t port, const http_request& request, const http_exchange& exchange) {
  static const char* const file = std::getenv("TESSERA_EXCHANGES");
  if (!file || !exchange.ok() || is_left_out(port)) return;
  static std::ofstream log(file, std::ios::trunc);
  static std::unordered_map<std::string, std::size_t> alike;
  const auto kind = kind_of(request, exchange.response);
  {
    const std::lock_guard lock(one_at_a_time);
    if (++alike[kind] > most_like(exchange.response)) return;
  }
  const auto line = line_of(request, exchange.response);
  const std::lock_guard lock(one_at_a_time);
  log << line << std::flush;
}

} // namespace tessera::test
