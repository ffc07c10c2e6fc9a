#include "actors/providers/public_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <string>

namespace tessera {

namespace {

struct v4_network {
  std::uint32_t address;
  int bits;
};

// IANA's special-purpose registry: what is not globally reachable, and groups.
constexpr std::array<v4_network, 16> closed_v4 = {{
    {0x00000000, 8},  // this network
    {0x0A000000, 8},  // private
    {0x64400000, 10}, // carriers' NAT
    {0x7F000000, 8},  // loopback
    {0xA9FE0000, 16}, // link-local: 169.254.169.254 is the clouds' metadata service
    {0xAC100000, 12}, // private
    {0xC0000000, 24}, // IETF
    {0xC0000200, 24}, // documentation
    {0xC0586300, 24}, // 6to4 relays
    {0xC0A80000, 16}, // private
    {0xC6120000, 15}, // benchmarks
    {0xC6336400, 24}, // documentation
    {0xCB007100, 24}, // documentation
    {0xE0000000, 4},  // groups
    {0xF0000000, 4},  // reserved, broadcast
    {0xA83F8110, 32}, // 168.63.129.16: a cloud's host, by a public address
}};

bool is_public(std::uint32_t address) {
  return std::ranges::none_of(closed_v4, [address](const v4_network& one) {
    return (address ^ one.address) >> (32 - one.bits) == 0;
  });
}

using v6_bytes = std::array<std::uint8_t, 16>;

std::uint32_t v4_at(const v6_bytes& bytes, std::size_t from) {
  std::uint32_t address = 0;
  for (std::size_t i = from; i < from + 4; ++i)
    address = address << 8 | bytes[i];
  return address;
}

bool begins_with(const v6_bytes& bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

/// Global unicast is 2000::/3; NAT64 and 6to4 lead to the IPv4 address inside.
bool is_public(const v6_bytes& bytes) {
  if (begins_with(bytes, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public(v4_at(bytes, 12));
  if (begins_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) return is_public(v4_at(bytes, 12));
  if (bytes[0] >> 5 != 1) return false;
  if (begins_with(bytes, {0x20, 0x02})) return is_public(v4_at(bytes, 2));
  const bool is_ietf = begins_with(bytes, {0x20, 0x01}) && bytes[2] < 0x02; // Teredo among it
  const bool is_documentation =
      begins_with(bytes, {0x20, 0x01, 0x0d, 0xb8}) || (begins_with(bytes, {0x3f, 0xff}) && bytes[2] < 0x10);
  return !is_ietf && !is_documentation;
}

} // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return is_public(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  v6_bytes bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return is_public(bytes);
}

bool is_public_address(std::string_view text) {
  const std::string copy(text);
  in_addr v4{};
  if (::inet_pton(AF_INET, copy.c_str(), &v4) == 1) return is_public(ntohl(v4.s_addr));
  v6_bytes v6{};
  return ::inet_pton(AF_INET6, copy.c_str(), v6.data()) == 1 && is_public(v6);
}

} // namespace tessera
