#include "tools/paysim/payments/amounts.hpp"

#include "tools/paysim/api/api_error.hpp"

#include <algorithm>
#include <array>

namespace tessera::paysim {

namespace {

constexpr std::int64_t most = 99'999'999;

constexpr std::array<std::string_view, 15> without_digits{
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"};
constexpr std::array<std::string_view, 5> with_three{"bhd", "jod", "kwd", "omr", "tnd"};
constexpr std::array<std::string_view, 2> of_hundreds{"isk", "ugx"};
constexpr std::array<std::string_view, 46> with_two{
    "usd", "eur", "gbp", "chf", "aud", "cad", "nzd", "sek", "nok", "dkk", "pln", "czk",
    "huf", "ron", "bgn", "isk", "ugx", "inr", "sgd", "hkd", "cny", "twd", "thb", "myr",
    "idr", "php", "aed", "sar", "qar", "ils", "try", "zar", "ngn", "kes", "egp", "mad",
    "brl", "mxn", "ars", "cop", "pen", "uyu", "dop", "gel", "uah", "kzt"};

template <class Table> bool contains(const Table& table, std::string_view currency) {
  return std::ranges::find(table, currency) != table.end();
}

std::int64_t least_of(std::string_view currency) {
  switch (digits_of(currency)) {
  case 0: return 50;
  case 3: return 100;
  default: return contains(of_hundreds, currency) ? 100 : 50;
  }
}

std::int64_t step_of(std::string_view currency) {
  if (contains(of_hundreds, currency)) return 100;
  return contains(with_three, currency) ? 10 : 1;
}

} // namespace

int digits_of(std::string_view currency) {
  if (contains(without_digits, currency)) return 0;
  return contains(with_three, currency) ? 3 : 2;
}

std::string read_currency(std::string currency, std::string param) {
  std::ranges::transform(currency, currency.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (contains(without_digits, currency) || contains(with_three, currency) || contains(with_two, currency))
    return currency;
  throw invalid_request("Invalid currency: " + currency + ".", std::move(param));
}

void check_amount(std::int64_t amount, std::string_view currency, const std::string& param) {
  if (amount < 1)
    throw invalid_request(
        "This value must be greater than or equal to 1.", param, "parameter_invalid_integer"
    );
  if (amount > most)
    throw invalid_request(
        "Amount must be no more than " + amount_text(most, currency), param, "amount_too_large"
    );
  if (amount < least_of(currency))
    throw invalid_request(
        "Amount must be at least " + amount_text(least_of(currency), currency), param, "amount_too_small"
    );
  if (amount % step_of(currency) != 0)
    throw invalid_request(
        "Invalid amount: in " + std::string{currency} + " it must be a multiple of " +
            std::to_string(step_of(currency)) + ".",
        param,
        "invalid_charge_amount"
    );
}

std::string amount_text(std::int64_t amount, std::string_view currency) {
  const auto digits = static_cast<std::size_t>(digits_of(currency));
  auto text = std::to_string(amount);
  if (digits > 0) {
    if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
    text.insert(text.size() - digits, ".");
  }
  text += ' ';
  for (const char c : currency)
    text += static_cast<char>(c - 'a' + 'A');
  return text;
}

} // namespace tessera::paysim
