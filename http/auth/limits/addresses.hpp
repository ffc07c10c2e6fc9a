#pragma once

#include "http/routing/request.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// An IPv4 or IPv6 address; IPv4 in its mapped form.
using ip_address = std::array<std::uint8_t, 16>;
/// Without port, brackets or zone.
std::optional<ip_address> parse_ip_address(std::string_view text);

/// A range of addresses, `10.0.0.0/8` or `2001:db8::/32`; one address without a slash.
struct ip_network {
  ip_address first{};
  unsigned bits = 128;

  bool contains(const ip_address& address) const;
  static std::optional<ip_network> parse(std::string_view text);
};

/// The neighbours of an address, who share a limit: its /24, of IPv6 its /64. Loopback addresses are clients
/// of their own (shapes.md).
ip_address network_of(const ip_address& address);
/// What one client has: the address, of IPv6 its /64.
ip_address client_of(const ip_address& address);

/// Where a request comes from: the peer, or, when that is a trusted proxy, the last address in
/// X-Forwarded-For that is none.
ip_address address_of(const request& from, const std::vector<ip_network>& trusted_proxies);

} // namespace tessera::http
