#include "messages/types/money.hpp"

#include <algorithm>

namespace tessera {

namespace {

// Codes of four characters each: three letters and a blank.
constexpr std::string_view known_currencies =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
    "GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW "
    "KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD "
    "NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES "
    "VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ";
constexpr std::string_view without_decimals =
    "BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF ";
constexpr std::string_view with_three = "BHD IQD JOD KWD LYD OMR TND ";

bool contains(std::string_view table, std::string_view currency) {
  for (std::size_t at = 0; at < table.size(); at += 4)
    if (table.substr(at, 3) == currency) return true;
  return false;
}

std::int64_t power_of_ten(int exponent) {
  std::int64_t scale = 1;
  for (int i = 0; i < exponent; ++i)
    scale *= 10;
  return scale;
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string with_decimals(std::int64_t minor, int exponent) {
  const auto scale = power_of_ten(exponent);
  auto text = std::to_string(minor / scale);
  if (exponent == 0) return text;
  const auto fraction = std::to_string(minor % scale);
  return text + "." + std::string(static_cast<std::size_t>(exponent) - fraction.size(), '0') + fraction;
}

} // namespace

std::optional<int> exponent_of(std::string_view currency) {
  if (!contains(known_currencies, currency)) return std::nullopt;
  if (contains(without_decimals, currency)) return 0;
  return contains(with_three, currency) ? 3 : 2;
}

std::optional<std::int64_t> minor_units_of(std::string_view decimal, int exponent) {
  const auto point = std::min(decimal.find('.'), decimal.size());
  const auto whole = decimal.substr(0, point);
  auto fraction = decimal.substr(std::min(point + 1, decimal.size()));
  if (whole.empty() || !is_digits(whole) || !is_digits(fraction)) return std::nullopt;
  while (fraction.ends_with('0')) // 225.10 and 225.1 are the same number
    fraction.remove_suffix(1);
  if (fraction.size() > static_cast<std::size_t>(exponent)) return std::nullopt;
  std::string digits(whole);
  digits += fraction;
  digits.append(static_cast<std::size_t>(exponent) - fraction.size(), '0');
  std::int64_t minor = 0;
  for (const char c : digits) {
    minor = minor * 10 + (c - '0');
    if (minor > most_minor_units) return std::nullopt;
  }
  return minor;
}

std::string decimal_text(std::int64_t minor, std::string_view currency) {
  const auto exponent = exponent_of(currency).value_or(2);
  const auto scale = power_of_ten(exponent);
  return minor % scale == 0 ? std::to_string(minor / scale) : with_decimals(minor, exponent);
}

std::string amount_text(std::int64_t minor, std::string_view currency) {
  return with_decimals(minor, exponent_of(currency).value_or(2));
}

} // namespace tessera
