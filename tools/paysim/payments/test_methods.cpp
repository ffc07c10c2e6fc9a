#include "tools/paysim/payments/test_methods.hpp"

#include <algorithm>
#include <array>

namespace tessera::paysim {

namespace {

using enum authentication;

constexpr std::array methods{
    test_method{.name = "pm_card_visa", .number = "4242424242424242"},
    test_method{.name = "pm_card_visa_debit", .number = "4000056655665556"},
    test_method{.name = "pm_card_mastercard", .number = "5555555555554444", .brand = "mastercard"},
    test_method{.name = "pm_card_mastercard_debit", .number = "5200828282828210", .brand = "mastercard"},
    test_method{.name = "pm_card_mastercard_prepaid", .number = "5105105105105100", .brand = "mastercard"},
    test_method{.name = "pm_card_amex", .number = "378282246310005", .brand = "amex"},
    test_method{.name = "pm_card_discover", .number = "6011111111111117", .brand = "discover"},
    test_method{.name = "pm_card_diners", .number = "3056930009020004", .brand = "diners"},
    test_method{.name = "pm_card_jcb", .number = "3566002020360505", .brand = "jcb"},
    test_method{.name = "pm_card_unionpay", .number = "6200000000000005", .brand = "unionpay"},

    test_method{
        .name = "pm_card_visa_chargeDeclined",
        .number = "4000000000000002",
        .code = "card_declined",
        .decline_code = "generic_decline",
        .attaches = false},
    test_method{
        .name = "pm_card_visa_chargeDeclinedInsufficientFunds",
        .number = "4000000000009995",
        .code = "card_declined",
        .decline_code = "insufficient_funds",
        .attaches = false},
    test_method{
        .name = "pm_card_visa_chargeDeclinedLostCard",
        .number = "4000000000009987",
        .code = "card_declined",
        .decline_code = "lost_card",
        .attaches = false},
    test_method{
        .name = "pm_card_visa_chargeDeclinedStolenCard",
        .number = "4000000000009979",
        .code = "card_declined",
        .decline_code = "stolen_card",
        .attaches = false},
    test_method{
        .name = "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        .number = "4000000000006975",
        .code = "card_declined",
        .decline_code = "card_velocity_exceeded",
        .attaches = false},
    test_method{
        .name = "pm_card_chargeDeclinedExpiredCard",
        .number = "4000000000000069",
        .code = "expired_card",
        .decline_code = "expired_card",
        .attaches = false},
    test_method{
        .name = "pm_card_chargeDeclinedIncorrectCvc",
        .number = "4000000000000127",
        .code = "incorrect_cvc",
        .decline_code = "incorrect_cvc",
        .attaches = false},
    test_method{
        .name = "pm_card_chargeDeclinedProcessingError",
        .number = "4000000000000119",
        .code = "processing_error",
        .decline_code = "processing_error",
        .attaches = false},
    test_method{
        .name = "pm_card_radarBlock",
        .number = "4100000000000019",
        .code = "card_declined",
        .decline_code = "fraudulent",
        .attaches = false},
    test_method{
        .name = "pm_card_chargeCustomerFail",
        .number = "4000000000000341",
        .code = "card_declined",
        .decline_code = "generic_decline"},

    test_method{.name = "pm_card_authenticationRequired", .number = "4000002760003184", .asks = always},
    test_method{.name = "pm_card_threeDSecure2Required", .number = "4000000000003220", .asks = always},
    test_method{
        .name = "pm_card_authenticationRequiredOnSetup", .number = "4000002500003155", .asks = until_set_up},
    test_method{
        .name = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        .number = "4000008260003178",
        .code = "card_declined",
        .decline_code = "insufficient_funds",
        .asks = always},
    test_method{
        .name = "pm_card_threeDSecureRequiredChargeDeclined",
        .number = "4000008400001629",
        .code = "card_declined",
        .decline_code = "generic_decline",
        .asks = always},

    test_method{.name = "pm_card_createDispute", .number = "4000000000000259", .dispute = "fraudulent"},
    test_method{
        .name = "pm_card_createDisputeProductNotReceived",
        .number = "4000000000002685",
        .dispute = "product_not_received"},
    test_method{
        .name = "pm_card_createDisputeInquiry",
        .number = "4000000000001976",
        .dispute = "fraudulent",
        .is_inquiry = true},
    test_method{
        .name = "pm_card_refundFail", .number = "4000000000005126", .refunds = refund_outcome::fails_later},
    test_method{
        .name = "pm_card_pendingRefund",
        .number = "4000000000007726",
        .refunds = refund_outcome::succeeds_later},

    test_method{.name = "pm_usBankAccount_success", .is_delayed = true},
    test_method{
        .name = "pm_usBankAccount_insufficientFunds",
        .code = "insufficient_funds",
        .decline_code = "insufficient_funds",
        .is_delayed = true},
    test_method{
        .name = "pm_usBankAccount_accountClosed",
        .code = "account_closed",
        .decline_code = "account_closed",
        .is_delayed = true},
    test_method{
        .name = "pm_usBankAccount_noAccount",
        .code = "no_account",
        .decline_code = "no_account",
        .is_delayed = true},
};

/// Former names of some.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> aliases{{
    {"pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"},
    {"pm_card_chargeDeclinedInsufficientFunds", "pm_card_visa_chargeDeclinedInsufficientFunds"},
    {"pm_card_visa_chargeDeclinedExpiredCard", "pm_card_chargeDeclinedExpiredCard"},
    {"pm_card_threeDSecureRequired", "pm_card_authenticationRequired"},
    {"pm_card_chargeDeclinedFraudulent", "pm_card_radarBlock"},
}};

template <class Match> const test_method* find(Match match) {
  const auto found = std::ranges::find_if(methods, match);
  return found == methods.end() ? nullptr : &*found;
}

} // namespace

const test_method* find_test_method(std::string_view name) {
  for (const auto& [former, present] : aliases)
    if (former == name) name = present;
  return find([name](const test_method& each) { return each.name == name; });
}

const test_method* find_card(std::string_view number) {
  return find([number](const test_method& each) { return !number.empty() && each.number == number; });
}

std::span<const test_method> all_test_methods() {
  return methods;
}

std::string_view message_of(std::string_view code, std::string_view decline_code) {
  if (code == "authentication_required")
    return "Your card was declined. This transaction requires authentication.";
  if (code == "expired_card") return "Your card has expired.";
  if (code == "incorrect_cvc") return "Your card's security code is incorrect.";
  if (code == "processing_error")
    return "An error occurred while processing your card. Try again in a little bit.";
  if (code == "insufficient_funds" || decline_code == "insufficient_funds")
    return code == "card_declined" ? "Your card has insufficient funds."
                                   : "The customer's account has insufficient funds to cover this payment.";
  if (code == "account_closed") return "The customer's bank account has been closed.";
  if (code == "no_account") return "The customer's bank account could not be located.";
  if (code == "payment_intent_authentication_failure" || code == "setup_intent_authentication_failure")
    return "We are unable to authenticate your payment method. Please choose a different payment method and "
           "try "
           "again.";
  return "Your card was declined.";
}

} // namespace tessera::paysim
