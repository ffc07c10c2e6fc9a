#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/payments/amounts.hpp"
#include "tools/paysim/payments/decision.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tessera::paysim {
namespace {

verdict verdict_of(std::string_view name, const attempt_terms& terms, bool is_setup = false) {
  return decide(*find_test_method(name), terms, is_setup);
}

TEST(DecisionTest, WhatComesOfAPayment) {
  using enum verdict;
  const attempt_terms here;
  const attempt_terms away{.is_off_session = true};
  const attempt_terms authenticated{.is_authenticated = true};
  const attempt_terms away_but_set_up{.is_off_session = true, .was_set_up = true};
  const struct {
    std::string_view method;
    attempt_terms terms;
    verdict expected;
  } table[]{
      {"pm_card_visa", here, succeeds},
      {"pm_card_visa", away, succeeds},
      {"pm_card_visa_chargeDeclined", here, fails},
      {"pm_card_chargeCustomerFail", away, fails},
      {"pm_card_authenticationRequired", here, asks_payer},
      {"pm_card_authenticationRequired", {.may_ask = false}, fails_for_want_of_payer},
      {"pm_card_authenticationRequired", away, fails_for_want_of_payer},
      {"pm_card_authenticationRequired", away_but_set_up, fails_for_want_of_payer},
      {"pm_card_authenticationRequired", authenticated, succeeds},
      {"pm_card_authenticationRequiredOnSetup", here, asks_payer},
      {"pm_card_authenticationRequiredOnSetup", away, fails_for_want_of_payer},
      {"pm_card_authenticationRequiredOnSetup", away_but_set_up, succeeds},
      {"pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", here, asks_payer},
      {"pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", authenticated, fails},
      {"pm_usBankAccount_success", away, outcome_comes_later},
      {"pm_usBankAccount_insufficientFunds", here, outcome_comes_later},
  };
  for (const auto& [method, terms, expected] : table)
    EXPECT_EQ(verdict_of(method, terms), expected) << method;
}

TEST(DecisionTest, WhatComesOfSavingAMethod) {
  using enum verdict;
  EXPECT_EQ(verdict_of("pm_card_visa", {}, true), succeeds);
  EXPECT_EQ(verdict_of("pm_card_chargeCustomerFail", {}, true), succeeds);
  EXPECT_EQ(verdict_of("pm_card_visa_chargeDeclined", {}, true), fails);
  EXPECT_EQ(verdict_of("pm_card_authenticationRequiredOnSetup", {}, true), asks_payer);
  EXPECT_EQ(verdict_of("pm_usBankAccount_success", {}, true), succeeds);
}

TEST(DecisionTest, OnlySomeStatesCanBeLeft) {
  const struct {
    std::string_view status;
    bool confirm, capture, cancel;
  } table[]{
      {"requires_payment_method", true, false, true},
      {"requires_confirmation", true, false, true},
      {"requires_action", true, false, true},
      {"processing", false, false, false},
      {"requires_capture", false, true, true},
      {"succeeded", false, false, false},
      {"canceled", false, false, false},
  };
  for (const auto& [status, confirm, capture, cancel] : table) {
    EXPECT_EQ(may_confirm(status), confirm) << status;
    EXPECT_EQ(may_capture(status), capture) << status;
    EXPECT_EQ(may_cancel(status), cancel) << status;
  }
}

TEST(TestMethodsTest, HaveNamesAndNumbersOfTheirOwn) {
  std::set<std::string_view> names;
  std::set<std::string_view> numbers;
  std::size_t cards = 0;
  for (const auto& each : all_test_methods()) {
    names.insert(each.name);
    if (each.number.empty()) continue;
    ++cards;
    numbers.insert(each.number);
    EXPECT_EQ(find_card(each.number), &each);
  }
  EXPECT_EQ(names.size(), all_test_methods().size());
  EXPECT_EQ(numbers.size(), cards);
  EXPECT_EQ(find_test_method("pm_card_chargeDeclined"), find_test_method("pm_card_visa_chargeDeclined"));
  EXPECT_EQ(find_test_method("pm_card_unheard_of"), nullptr);
}

TEST(AmountsTest, AreWhatTheProviderTakes) {
  const struct {
    std::int64_t amount;
    std::string_view currency;
    std::string_view code;
  } table[]{
      {50, "usd", ""},
      {49, "usd", "amount_too_small"},
      {0, "usd", "parameter_invalid_integer"},
      {-1, "usd", "parameter_invalid_integer"},
      {99'999'999, "usd", ""},
      {100'000'000, "usd", "amount_too_large"},
      {50, "jpy", ""},
      {1'230, "kwd", ""},
      {1'234, "kwd", "invalid_charge_amount"},
      {100, "isk", ""},
      {150, "isk", "invalid_charge_amount"},
      {50, "ugx", "amount_too_small"},
  };
  for (const auto& [amount, currency, code] : table) {
    std::string found;
    try {
      check_amount(amount, currency, "amount");
    } catch (const api_error& error) {
      found = error.code;
    }
    EXPECT_EQ(found, code) << amount << currency;
  }
}

TEST(AmountsTest, AreShownWithTheDigitsOfTheirCurrency) {
  EXPECT_EQ(amount_text(22'500, "usd"), "225.00 USD");
  EXPECT_EQ(amount_text(5, "usd"), "0.05 USD");
  EXPECT_EQ(amount_text(5'000, "jpy"), "5000 JPY");
  EXPECT_EQ(amount_text(1'230, "kwd"), "1.230 KWD");
  EXPECT_EQ(read_currency("USD", "currency"), "usd");
  EXPECT_THROW(read_currency("xyz", "currency"), api_error);
}

} // namespace
} // namespace tessera::paysim
