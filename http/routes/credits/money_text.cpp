#include "http/routes/credits/money_text.hpp"

#include <algorithm>
#include <array>

namespace tessera::http {

namespace {

constexpr std::array<std::string_view, 17> without_decimals{
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
    "UYI"};
constexpr std::array<std::string_view, 7> with_three{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

template <class Table> bool contains(const Table& table, std::string_view currency) {
  return std::find(table.begin(), table.end(), currency) != table.end();
}

} // namespace

int decimals_of(std::string_view currency) {
  if (contains(without_decimals, currency)) return 0;
  return contains(with_three, currency) ? 3 : 2;
}

std::string decimal_text(std::int64_t minor, std::string_view currency) {
  std::int64_t scale = 1;
  const int decimals = decimals_of(currency);
  for (int i = 0; i < decimals; ++i)
    scale *= 10;
  std::string text = std::to_string(minor / scale);
  if (minor % scale == 0) return text;
  const auto fraction = std::to_string(minor % scale);
  return text + "." + std::string(static_cast<std::size_t>(decimals) - fraction.size(), '0') + fraction;
}

} // namespace tessera::http
