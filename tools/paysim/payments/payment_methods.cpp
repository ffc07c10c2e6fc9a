#include "tools/paysim/payments/payment_methods.hpp"

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/payments/card_error.hpp"

namespace tessera::paysim {

namespace {

/// The same for the same number, as the provider's is.
std::string fingerprint_of(std::string_view number) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : number)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return dice(hash).letters(16);
}

document card_details(const test_method& like) {
  const auto last4 = like.number.substr(like.number.size() - 4);
  const bool is_debit = like.name.ends_with("_debit");
  const bool is_prepaid = like.name.ends_with("_prepaid");
  const bool is_secure = like.asks != authentication::never;
  return {
      {"brand", like.brand},
      {"checks",
       {{"address_line1_check", nullptr}, {"address_postal_code_check", nullptr}, {"cvc_check", "pass"}}},
      {"country", "US"},
      {"display_brand", like.brand},
      {"exp_month", 12},
      {"exp_year", 2034},
      {"fingerprint", fingerprint_of(like.number)},
      {"funding",
       is_debit     ? "debit"
       : is_prepaid ? "prepaid"
                    : "credit"},
      {"generated_from", nullptr},
      {"last4", last4},
      {"networks", {{"available", json::array{like.brand}}, {"preferred", nullptr}}},
      {"regulated_status", "unregulated"},
      {"three_d_secure_usage", {{"supported", is_secure || like.brand == "visa"}}},
      {"wallet", nullptr},
  };
}

document bank_details() {
  return {
      {"account_holder_type", "individual"},
      {"account_type", "checking"},
      {"bank_name", "STRIPE TEST BANK"},
      {"financial_connections_account", nullptr},
      {"fingerprint", fingerprint_of("000123456789")},
      {"last4", "6789"},
      {"networks", {{"preferred", "ach"}, {"supported", json::array{"ach"}}}},
      {"routing_number", "110000000"},
      {"status_details", document{}},
  };
}

json::value no_billing_details() {
  return document{
      {"address",
       {{"city", nullptr},
        {"country", nullptr},
        {"line1", nullptr},
        {"line2", nullptr},
        {"postal_code", nullptr},
        {"state", nullptr}}},
      {"email", nullptr},
      {"name", nullptr},
      {"phone", nullptr},
      {"tax_id", nullptr},
  };
}

} // namespace

document& make_method(sandbox& account, const test_method& like, json::value billing_details) {
  const bool is_card = !like.number.empty();
  document made{
      {"id", account.make_id("pm")},
      {"object", "payment_method"},
      {"allow_redisplay", "unspecified"},
      {"billing_details", billing_details.is_null() ? no_billing_details() : std::move(billing_details)},
      {"created", account.now()},
      {"customer", nullptr},
      {"customer_account", nullptr},
      {"livemode", false},
      {"metadata", document{}},
      {"type", is_card ? "card" : "us_bank_account"},
      {"_behaves", like.name},
  };
  made[is_card ? "card" : "us_bank_account"] = is_card ? card_details(like) : bank_details();
  return account.documents.add(std::move(made));
}

document& resolve_method(sandbox& account, std::string_view id, std::string param, unsigned status) {
  if (const auto* like = find_test_method(id)) return make_method(account, *like);
  auto* found = account.documents.find("payment_method", id);
  if (!found) throw no_such("PaymentMethod", id, std::move(param), status);
  return *found;
}

const test_method& behaviour_of(const document& method) {
  return *find_test_method(text_of(method, "_behaves"));
}

void attach(sandbox& account, document& method, std::string_view customer) {
  const auto owner = text_of(method, "customer");
  if (owner == customer) return;
  if (!owner.empty())
    throw state_error(
        "payment_method_unexpected_state",
        "The payment method you provided has already been attached to a customer."
    );
  check_usable(method, {});
  if (!behaviour_of(method).attaches) throw card_error(behaviour_of(method));
  method["customer"] = customer;
  account.emit("payment_method.attached", method);
}

void check_usable(const document& method, std::string_view customer) {
  const auto owner = text_of(method, "customer");
  if (!owner.empty() && owner != customer)
    throw invalid_request(
        "The PaymentMethod " + std::string{text_of(method, "id")} +
            " belongs to a Customer. Include that customer in the request to use it.",
        "payment_method"
    );
  if (owner.empty() && is_set(method, "_is_used_up"))
    throw invalid_request(
        "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, or "
        "was "
        "detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must "
        "attach "
        "it to a Customer first.",
        "payment_method"
    );
}

} // namespace tessera::paysim
