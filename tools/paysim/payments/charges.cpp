#include "tools/paysim/payments/charges.hpp"

namespace tessera::paysim {

namespace {

document outcome_of(std::string_view status, const document& error) {
  const bool failed = status == "failed";
  const auto reason =
      text_of(error, "decline_code").empty() ? text_of(error, "code") : text_of(error, "decline_code");
  return {
      {"advice_code", failed ? json::value("try_again_later") : json::value(nullptr)},
      {"network_advice_code", nullptr},
      {"network_decline_code", failed ? json::value("01") : json::value(nullptr)},
      {"network_status", failed ? "declined_by_network" : "approved_by_network"},
      {"reason", text_or_null(reason)},
      {"risk_level", "normal"},
      {"risk_score", 12},
      {"seller_message",
       failed ? "The bank did not return any further details with this decline." : "Payment complete."},
      {"type", failed ? "issuer_declined" : "authorized"},
  };
}

document card_of_charge(const document& card, std::int64_t amount, bool is_authenticated) {
  document details{
      {"amount_authorized", amount},
      {"authorization_code", "123456"},
      {"electronic_commerce_indicator", nullptr},
      {"installments", nullptr},
      {"mandate", nullptr},
      {"network", card.at("brand")},
      {"network_transaction_id", nullptr},
      {"three_d_secure", nullptr},
      {"transaction_link_id", nullptr},
  };
  if (is_authenticated)
    details["three_d_secure"] = document{
        {"authentication_flow", "challenge"},
        {"electronic_commerce_indicator", nullptr},
        {"exemption_indicator", nullptr},
        {"result", "authenticated"},
        {"result_reason", nullptr},
        {"transaction_id", nullptr},
        {"version", "2.2.0"}};
  for (const auto name :
       {"brand",
        "checks",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "regulated_status",
        "wallet"})
    details[name] = card.at(name);
  return details;
}

document details_of(const document& method, std::int64_t amount, bool is_authenticated) {
  const auto type = text_of(method, "type");
  document details{{"type", type}};
  if (type == "card") {
    details[type] = card_of_charge(object_of(method, type), amount, is_authenticated);
    return details;
  }
  document bank{{"payment_reference", nullptr}};
  for (const auto name :
       {"account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number"})
    bank[name] = object_of(method, type).at(name);
  details[type] = std::move(bank);
  return details;
}

document balance_transaction(sandbox& account, const document& charge) {
  const auto amount = number_of(charge, "amount");
  const auto fee = amount * 29 / 1'000 + 30;
  return {
      {"id", account.make_id("txn")},
      {"object", "balance_transaction"},
      {"amount", amount},
      {"available_on", account.now() + 2 * 86'400},
      {"balance_type", "payments"},
      {"created", account.now()},
      {"currency", charge.at("currency")},
      {"description", charge.at("description")},
      {"exchange_rate", nullptr},
      {"fee", fee},
      {"fee_details", json::array{}},
      {"net", amount - fee},
      {"reporting_category", "charge"},
      {"source", charge.at("id")},
      {"status", "pending"},
      {"type", "charge"},
  };
}

} // namespace

document& make_charge(
    sandbox& account, document& intent, const document& method, std::string_view status, const document& error
) {
  const bool succeeded = status == "succeeded";
  const bool is_captured = text_of(intent, "capture_method") != "manual" && status != "failed";
  const auto id = account.make_id(text_of(method, "type") == "card" ? "ch" : "py");
  document made{
      {"id", id},
      {"object", "charge"},
      {"amount", intent.at("amount")},
      {"amount_captured", is_captured ? intent.at("amount") : json::value(0)},
      {"amount_refunded", 0},
      {"application", nullptr},
      {"application_fee", nullptr},
      {"application_fee_amount", nullptr},
      {"balance_transaction", nullptr},
      {"billing_details", method.at("billing_details")},
      {"calculated_statement_descriptor", "TESSERA SANDBOX"},
      {"captured", is_captured},
      {"created", account.now()},
      {"currency", intent.at("currency")},
      {"customer", intent.at("customer")},
      {"description", intent.at("description")},
      {"disputed", false},
      {"failure_balance_transaction", nullptr},
      {"failure_code", text_or_null(text_of(error, "code"))},
      {"failure_message", text_or_null(text_of(error, "message"))},
      {"fraud_details", document{}},
      {"livemode", false},
      {"metadata", intent.at("metadata")},
      {"on_behalf_of", nullptr},
      {"outcome", outcome_of(status, error)},
      {"paid", succeeded},
      {"payment_intent", intent.at("id")},
      {"payment_method", method.at("id")},
      {"payment_method_details",
       details_of(method, number_of(intent, "amount"), is_set(intent, "_is_authenticated"))},
      {"radar_options", document{}},
      {"receipt_email", intent.at("receipt_email")},
      {"receipt_number", nullptr},
      {"receipt_url", text_or_null(succeeded ? account.options.base_url + "/receipts/" + id : "")},
      {"refunded", false},
      {"review", nullptr},
      {"shipping", intent.at("shipping")},
      {"source", nullptr},
      {"source_transfer", nullptr},
      {"statement_descriptor", intent.at("statement_descriptor")},
      {"statement_descriptor_suffix", intent.at("statement_descriptor_suffix")},
      {"status", status},
      {"transfer_data", nullptr},
      {"transfer_group", nullptr},
      {"_behaves", text_of(method, "_behaves")},
  };
  if (succeeded) {
    auto transaction = balance_transaction(account, made);
    made["balance_transaction"] = transaction.at("id");
    account.documents.add(std::move(transaction));
  }
  intent["latest_charge"] = made.at("id");
  return account.documents.add(std::move(made));
}

document* latest_charge(sandbox& account, const document& intent) {
  return account.documents.find("charge", text_of(intent, "latest_charge"));
}

} // namespace tessera::paysim
