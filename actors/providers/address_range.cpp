#include "actors/providers/address_range.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <netinet/in.h>

namespace tessera {

namespace {

using bytes16 = std::array<std::uint8_t, 16>;

/// IPv4 in its mapped form.
std::optional<bytes16> bytes_of(std::string_view text) {
  const std::string copy(text);
  bytes16 bytes{};
  if (::inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return bytes;
  in_addr v4{};
  if (::inet_pton(AF_INET, copy.c_str(), &v4) != 1) return std::nullopt;
  bytes = {};
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + 12, &v4, sizeof v4);
  return bytes;
}

} // namespace

std::optional<address_range> address_range::parse(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto address = text.substr(0, slash);
  const auto bytes = bytes_of(address);
  if (!bytes) return std::nullopt;
  address_range range;
  range.first_ = *bytes;
  if (slash == text.size()) return range;
  unsigned bits = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bits);
  const unsigned before = address.find(':') == address.npos ? 96 : 0;
  if (error != std::errc{} || stop != end || bits > 128 - before) return std::nullopt;
  range.bits_ = before + bits;
  return range;
}

bool address_range::contains(std::string_view address) const {
  const auto bytes = bytes_of(address);
  if (!bytes) return false;
  for (unsigned bit = 0; bit < bits_; ++bit)
    if ((((*bytes)[bit / 8] ^ first_[bit / 8]) >> (7 - bit % 8)) & 1) return false;
  return true;
}

bool is_in_one_of(const address_ranges& ranges, std::string_view address) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const address_range& range) {
    return range.contains(address);
  });
}

} // namespace tessera
