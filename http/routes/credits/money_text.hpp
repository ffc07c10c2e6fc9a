#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::http {

/// How many decimals a currency has (ISO 4217): 0, 2 or 3.
int decimals_of(std::string_view currency);

/// Minor units as a JSON number in major units, exactly: 22500 USD is `225`, 22550 is `225.50`.
std::string decimal_text(std::int64_t minor, std::string_view currency);

} // namespace tessera::http
