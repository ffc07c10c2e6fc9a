#include "tools/bench/load/reply.hpp"

#include <charconv>
#include <cstring>
#include <strings.h>

namespace tessera::bench {

namespace {

constexpr std::size_t status_at = sizeof "HTTP/1.1 " - 1;

/// The number that a header of the head says, or -1.
long header_number(std::string_view head, std::string_view name) {
  for (auto line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
    const auto rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
    if (strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
    const auto first = rest.find_first_not_of(" \t", name.size() + 1);
    long number = -1;
    if (first != std::string_view::npos)
      std::from_chars(rest.data() + first, rest.data() + rest.size(), number);
    return number;
  }
  return -1;
}

std::size_t head_size(std::string_view bytes) {
  const void* end = memmem(bytes.data(), bytes.size(), "\r\n\r\n", 4);
  return end == nullptr ? 0 : static_cast<std::size_t>(static_cast<const char*>(end) - bytes.data()) + 4;
}

} // namespace

reading read_reply(std::string_view bytes, reply& into) {
  const auto head = head_size(bytes);
  if (head == 0) return reading::need_more;
  if (head < status_at + 4 || !bytes.starts_with("HTTP/1.")) return reading::broken;
  const auto length = header_number(bytes.substr(0, head), "Content-Length");
  if (length < 0) return reading::broken;
  into.size = head + static_cast<std::size_t>(length);
  if (bytes.size() < into.size) return reading::need_more;
  std::from_chars(bytes.data() + status_at, bytes.data() + status_at + 3, into.status);
  into.retry_after = -1;
  if (is_refusal(into.status))
    into.retry_after = static_cast<int>(header_number(bytes.substr(0, head), "Retry-After"));
  into.body = bytes.substr(head, static_cast<std::size_t>(length));
  return reading::whole;
}

} // namespace tessera::bench
