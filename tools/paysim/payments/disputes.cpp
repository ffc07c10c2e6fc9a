#include "tools/paysim/payments/disputes.hpp"

#include "tools/paysim/api/api_error.hpp"

#include <algorithm>

namespace tessera::paysim {

namespace {

constexpr std::int64_t evidence_seconds = 9 * 86'400;

document movement(sandbox& account, const document& dispute, std::int64_t amount) {
  return {
      {"id", account.make_id("txn")},
      {"object", "balance_transaction"},
      {"amount", amount},
      {"available_on", account.now()},
      {"balance_type", "payments"},
      {"created", account.now()},
      {"currency", dispute.at("currency")},
      {"description", "Chargeback withdrawal"},
      {"exchange_rate", nullptr},
      {"fee", amount < 0 ? 1'500 : 0},
      {"fee_details", json::array{}},
      {"net", amount < 0 ? amount - 1'500 : amount},
      {"reporting_category", amount < 0 ? "dispute" : "dispute_reversal"},
      {"source", dispute.at("id")},
      {"status", "available"},
      {"type", "adjustment"},
  };
}

void move_money(sandbox& account, document& dispute, std::int64_t amount, std::string_view told_as) {
  dispute["balance_transactions"].get_array().push_back(movement(account, dispute, amount));
  account.emit(told_as, dispute);
}

document no_evidence() {
  document evidence;
  for (const auto name :
       {"access_activity_log",
        "billing_address",
        "cancellation_policy",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "customer_communication",
        "customer_email_address",
        "customer_name",
        "customer_purchase_ip",
        "customer_signature",
        "duplicate_charge_documentation",
        "duplicate_charge_explanation",
        "duplicate_charge_id",
        "product_description",
        "receipt",
        "refund_policy",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "service_date",
        "service_documentation",
        "shipping_address",
        "shipping_carrier",
        "shipping_date",
        "shipping_documentation",
        "shipping_tracking_number",
        "uncategorized_file",
        "uncategorized_text"})
    evidence[name] = nullptr;
  evidence["enhanced_evidence"] = document{};
  return evidence;
}

} // namespace

document& open_dispute(sandbox& account, document& charge, const dispute_terms& terms) {
  if (is_set(charge, "disputed"))
    throw state_error("charge_disputed", "The charge has been disputed already.");
  if (text_of(charge, "status") != "succeeded") throw state_error("", "Only what was paid can be disputed.");
  const auto left = number_of(charge, "amount") - number_of(charge, "amount_refunded");
  const auto amount = terms.amount > 0 ? std::min(terms.amount, number_of(charge, "amount")) : left;
  charge["disputed"] = true;
  auto& dispute = account.documents.add({
      {"id", account.make_id("du")},
      {"object", "dispute"},
      {"amount", amount},
      {"balance_transactions", json::array{}},
      {"charge", charge.at("id")},
      {"created", account.now()},
      {"currency", charge.at("currency")},
      {"enhanced_eligibility_types", json::array{}},
      {"evidence", no_evidence()},
      {"evidence_details",
       {{"due_by", account.now() + evidence_seconds},
        {"enhanced_eligibility", document{}},
        {"has_evidence", false},
        {"past_due", false},
        {"submission_count", 0},
        {"submission_method", "not_submitted"}}},
      {"intended_submission_method", nullptr},
      {"is_charge_refundable", terms.is_inquiry},
      {"livemode", false},
      {"metadata", document{}},
      {"network_reason_code", "10.4"},
      {"payment_intent", charge.at("payment_intent")},
      {"payment_method_details",
       {{"card",
         {{"brand", "visa"},
          {"case_type", terms.is_inquiry ? "inquiry" : "chargeback"},
          {"network", "visa"},
          {"network_reason_code", "10.4"}}},
        {"type", "card"}}},
      {"reason", terms.reason},
      {"status", terms.is_inquiry ? "warning_needs_response" : "needs_response"},
  });
  account.emit("charge.dispute.created", dispute);
  if (!terms.is_inquiry) move_money(account, dispute, -amount, "charge.dispute.funds_withdrawn");
  return dispute;
}

void close_dispute(sandbox& account, document& dispute, bool won) {
  const auto status = text_of(dispute, "status");
  if (status == "won" || status == "lost" || status == "warning_closed")
    throw state_error("", "This dispute is already closed.");
  const bool is_inquiry = status.starts_with("warning_");
  const document before{{"status", status}};
  dispute["status"] = is_inquiry ? "warning_closed" : won ? "won" : "lost";
  dispute["is_charge_refundable"] = false;
  account.emit("charge.dispute.closed", dispute, before);
  if (won && !is_inquiry)
    move_money(account, dispute, number_of(dispute, "amount"), "charge.dispute.funds_reinstated");
}

} // namespace tessera::paysim
