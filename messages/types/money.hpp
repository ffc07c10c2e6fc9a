#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Money is minor units and an ISO 4217 code; between the two stands the currency's exponent (R-C 3.11).
namespace tessera {

/// The largest price, in minor units: a JSON client never loses one (2^53 - 1).
inline constexpr std::int64_t most_minor_units = 9'007'199'254'740'991;

/// How many decimals the currency has: 0, 2 or 3. Nothing: we do not know it. Upper case only.
std::optional<int> exponent_of(std::string_view currency);

/// Minor units of a decimal number such as `225` or `0.125`, exactly. Nothing when it has more decimals than
/// `exponent`, a sign, an `e`, or more than `most_minor_units`.
std::optional<std::int64_t> minor_units_of(std::string_view decimal, int exponent);

/// Minor units as a number in major units, exactly: 22500 USD is `225`, 22550 is `225.50`. A currency that we
/// do not know counts as one with two decimals.
std::string decimal_text(std::int64_t minor, std::string_view currency);

/// The same for people, always with all decimals of the currency: 22500 USD is `225.00`.
std::string amount_text(std::int64_t minor, std::string_view currency);

} // namespace tessera
