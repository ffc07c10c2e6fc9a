#include "actors/support/fetchable_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <optional>
#include <string>

namespace tessera {

namespace {

constexpr std::string_view secured = "https://";
constexpr std::string_view plain = "http://";

/// What RFC 3986 has in an address, without `@` (a password before it) and `#`.
bool is_address_character(char c) {
  constexpr std::string_view marks = "-._~:/?[]!$&'()*+,;=%";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         marks.find(c) != marks.npos;
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
}

std::optional<in6_addr> v6_address(std::string_view text) {
  in6_addr address{};
  if (::inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return address;
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc{} && stop == end && port >= 1 && port <= 65'535;
}

/// `name`, `192.0.2.1` or `[::1]`; nothing when it is no host, or not followed by nothing or a port.
std::optional<std::string_view> host_of(std::string_view authority) {
  const bool is_v6 = authority.starts_with('[');
  const auto end = is_v6 ? authority.find(']') + 1 : std::min(authority.find(':'), authority.size());
  const auto host = authority.substr(0, end);
  const auto rest = authority.substr(end);
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  const bool is_host = is_v6 ? host.size() > 2 && v6_address(host.substr(1, host.size() - 2)).has_value()
                             : !host.empty() && std::all_of(host.begin(), host.end(), is_host_character);
  return is_host ? std::optional(host) : std::nullopt;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  if (host.starts_with('[')) {
    const auto address = v6_address(host.substr(1, host.size() - 2));
    return address && IN6_IS_ADDR_LOOPBACK(&*address);
  }
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

} // namespace

bool is_fetchable(std::string_view url) {
  if (!std::all_of(url.begin(), url.end(), is_address_character)) return false;
  const bool is_secured = url.starts_with(secured);
  if (!is_secured && !url.starts_with(plain)) return false;
  const auto rest = url.substr(is_secured ? secured.size() : plain.size());
  const auto host = host_of(rest.substr(0, std::min(rest.find_first_of("/?"), rest.size())));
  return host && (is_secured || is_loopback(*host));
}

} // namespace tessera
