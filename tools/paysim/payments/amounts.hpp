#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::paysim {

/// Digits behind the point in what is sent: 0, 2 or 3. ISK and UGX are sent as if they had two.
int digits_of(std::string_view currency);

/// Throws api_error unless the provider charges in that currency. Lower case; upper case is made lower.
std::string read_currency(std::string currency, std::string param);

/// Throws api_error for what the provider does not charge: too little, too much, or with digits that the
/// currency has not (KWD ends with 0, ISK with 00).
void check_amount(std::int64_t amount, std::string_view currency, const std::string& param);

/// As a person reads it: "225.00 USD".
std::string amount_text(std::int64_t amount, std::string_view currency);

} // namespace tessera::paysim
