#include "http/auth/limits/addresses.hpp"

#include "http/routing/characters.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

namespace tessera::http {

namespace {

constexpr std::size_t longest_text = 45;
constexpr unsigned v4_prefix = 96; // bits in front of a mapped IPv4 address
constexpr std::size_t most_hops = 32;

bool is_v4(const ip_address& address) {
  static constexpr ip_address prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(address.begin(), address.begin() + 12, prefix.begin());
}

bool is_loopback(const ip_address& address) {
  static constexpr ip_address v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address == v6 || (is_v4(address) && address[12] == 127);
}

ip_address masked(ip_address address, unsigned bits) {
  for (std::size_t i = 0; i < address.size(); ++i) {
    const auto kept = std::clamp(static_cast<int>(bits) - static_cast<int>(i) * 8, 0, 8);
    address[i] = static_cast<std::uint8_t>(address[i] & (0xff00 >> kept));
  }
  return address;
}

/// The addresses of all X-Forwarded-For headers, the nearest last.
std::vector<std::string_view> forwarded_for(const request& from) {
  std::vector<std::string_view> hops;
  for (const auto& [name, value] : from.headers)
    if (equal_ignoring_case(name, "X-Forwarded-For"))
      for_each_element(value, [&](std::string_view hop) { hops.push_back(hop); });
  return hops;
}

/// A hop as proxies write it: with a port behind it or not, IPv6 in brackets or not.
std::optional<ip_address> parse_hop(std::string_view text) {
  const auto is_bracketed = text.starts_with('[');
  const auto close = text.find(']');
  if (is_bracketed && close == text.npos) return std::nullopt;
  const auto colon = text.find(':', is_bracketed ? close : 0);
  const auto has_port = colon != text.npos && (is_bracketed || text.find(':', colon + 1) == text.npos);
  auto host = text;
  if (has_port) {
    const auto port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit))
      return std::nullopt;
    host = text.substr(0, colon);
  }
  if (!is_bracketed) return parse_ip_address(host);
  if (!host.ends_with(']')) return std::nullopt;
  host = host.substr(1, host.size() - 2);
  return host.find(':') == host.npos ? std::nullopt : parse_ip_address(host);
}

bool is_in(const std::vector<ip_network>& networks, const ip_address& address) {
  return std::any_of(networks.begin(), networks.end(), [&](const auto& one) {
    return one.contains(address);
  });
}

} // namespace

std::optional<ip_address> parse_ip_address(std::string_view text) {
  if (text.empty() || text.size() > longest_text) return std::nullopt;
  const std::string copy(text);
  ip_address address{};
  if (::inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
  address[10] = address[11] = 0xff;
  if (::inet_pton(AF_INET, copy.c_str(), address.data() + 12) == 1) return address;
  return std::nullopt;
}

bool ip_network::contains(const ip_address& address) const {
  return masked(address, bits) == first;
}

std::optional<ip_network> ip_network::parse(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto address = parse_ip_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto offset = is_v4(*address) && text.find(':') == text.npos ? v4_prefix : 0;
  unsigned bits = 128 - offset;
  if (slash < text.size()) {
    const auto number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (error != std::errc{} || end != number.data() + number.size() || bits > 128 - offset)
      return std::nullopt;
  }
  return ip_network{masked(*address, bits + offset), bits + offset};
}

ip_address network_of(const ip_address& address) {
  if (is_loopback(address)) return address;
  return masked(address, is_v4(address) ? v4_prefix + 24 : 64);
}

ip_address client_of(const ip_address& address) {
  return is_v4(address) || is_loopback(address) ? address : masked(address, 64);
}

ip_address address_of(const request& from, const std::vector<ip_network>& trusted_proxies) {
  auto nearest = parse_ip_address(from.remote_address).value_or(ip_address{});
  if (trusted_proxies.empty() || !is_in(trusted_proxies, nearest)) return nearest;
  const auto hops = forwarded_for(from);
  std::size_t seen = 0;
  for (auto hop = hops.rbegin(); hop != hops.rend() && seen < most_hops; ++hop, ++seen) {
    const auto address = parse_hop(*hop);
    if (!address) break; // what stands before it, anybody may have written
    nearest = *address;
    if (!is_in(trusted_proxies, nearest)) break;
  }
  return nearest;
}

} // namespace tessera::http
