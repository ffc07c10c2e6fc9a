#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tessera {

/// 128 bits in network order, as PostgreSQL stores a uuid.
struct uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const uuid&, const uuid&) = default;
  bool is_nil() const { return *this == uuid{}; }

  /// Accepts the canonical 8-4-4-4-12 form only, in either case.
  static std::optional<uuid> parse(std::string_view text);
};

/// Returns the canonical form, lower case.
std::string to_string(const uuid& value);

} // namespace tessera

template <> struct std::hash<tessera::uuid> {
  std::size_t operator()(const tessera::uuid& value) const noexcept {
    // The low half of a UUIDv7 and of a truncated digest is random: it is a hash already.
    std::size_t low = 0;
    std::memcpy(&low, value.bytes.data() + 8, sizeof low);
    return low;
  }
};
