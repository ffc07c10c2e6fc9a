#pragma once

#include <span>
#include <string_view>

namespace tessera::paysim {

enum class authentication { never, until_set_up, always };
enum class refund_outcome { succeeds, fails_later, succeeds_later };

/// One of the provider's methods for tests, by its documented name, and how it behaves.
struct test_method {
  std::string_view name;     // "pm_card_visa"
  std::string_view number{}; // of a card
  std::string_view brand = "visa";
  std::string_view code{}; // why a payment fails: the error's code; empty: it does not
  std::string_view decline_code{};
  authentication asks = authentication::never;
  bool attaches = true;    // false: it fails already when it is to be saved
  bool is_delayed = false; // a bank debit: the outcome comes later
  refund_outcome refunds = refund_outcome::succeeds;
  std::string_view dispute{}; // the reason with which the payer disputes each payment
  bool is_inquiry = false;    // of the dispute
};

/// Null when there is none of that name.
const test_method* find_test_method(std::string_view name);
const test_method* find_card(std::string_view number);
std::span<const test_method> all_test_methods();

/// What a person is told who pays with it.
std::string_view message_of(std::string_view code, std::string_view decline_code);

} // namespace tessera::paysim
