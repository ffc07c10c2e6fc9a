#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// A range of IP addresses: `10.0.0.0/8`, `fd00::/8`, or one address.
class address_range {
public:
  static std::optional<address_range> parse(std::string_view text);
  /// `192.0.2.1` or `2001:db8::1`; IPv4 in IPv6 is the IPv4 address. What is no address is in no range.
  bool contains(std::string_view address) const;

private:
  std::array<std::uint8_t, 16> first_{};
  unsigned bits_ = 128;
};

using address_ranges = std::vector<address_range>;
bool is_in_one_of(const address_ranges& ranges, std::string_view address);

} // namespace tessera
