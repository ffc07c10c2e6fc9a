#include "tools/paysim/payments/invoices.hpp"

#include "tools/paysim/api/lists.hpp"

#include <algorithm>

namespace tessera::paysim {

namespace {

document line_of(
    sandbox& account,
    const document& invoice,
    std::int64_t amount,
    std::string_view description,
    std::int64_t quantity
) {
  return {
      {"id", account.make_id("il")},
      {"object", "line_item"},
      {"amount", amount},
      {"currency", invoice.at("currency")},
      {"description", description},
      {"discount_amounts", json::array{}},
      {"discountable", true},
      {"discounts", json::array{}},
      {"invoice", invoice.at("id")},
      {"livemode", false},
      {"metadata", document{}},
      {"parent", nullptr},
      {"period", {{"end", account.now()}, {"start", account.now()}}},
      {"pretax_credit_amounts", json::array{}},
      {"pricing", nullptr},
      {"quantity", quantity},
      {"quantity_decimal", std::to_string(quantity)},
      {"subscription", nullptr},
      {"subtotal", amount},
      {"taxes", json::array{}},
  };
}

document payment_of(sandbox& account, const document& invoice, const document& intent) {
  return {
      {"id", account.make_id("inpay")},
      {"object", "invoice_payment"},
      {"amount_paid", invoice.at("total")},
      {"amount_requested", invoice.at("total")},
      {"created", account.now()},
      {"currency", invoice.at("currency")},
      {"invoice", invoice.at("id")},
      {"is_default", true},
      {"livemode", false},
      {"payment", {{"payment_intent", intent.at("id")}, {"type", "payment_intent"}}},
      {"status", "paid"},
      {"status_transitions", {{"canceled_at", nullptr}, {"paid_at", account.now()}}},
  };
}

} // namespace

document& make_invoice(sandbox& account, const document& customer, std::string_view currency) {
  const auto id = account.make_id("in");
  return account.documents.add({
      {"id", id},
      {"object", "invoice"},
      {"account_country", "US"},
      {"account_name", "Sandbox"},
      {"account_tax_ids", nullptr},
      {"amount_due", 0},
      {"amount_overpaid", 0},
      {"amount_paid", 0},
      {"amount_remaining", 0},
      {"amount_shipping", 0},
      {"application", nullptr},
      {"attempt_count", 0},
      {"attempted", false},
      {"auto_advance", false},
      {"automatic_tax",
       {{"disabled_reason", nullptr},
        {"enabled", false},
        {"liability", nullptr},
        {"provider", nullptr},
        {"status", nullptr}}},
      {"automatically_finalizes_at", nullptr},
      {"billing_reason", "manual"},
      {"collection_method", "charge_automatically"},
      {"created", account.now()},
      {"currency", currency},
      {"custom_fields", nullptr},
      {"customer", customer.at("id")},
      {"customer_account", nullptr},
      {"customer_address", customer.at("address")},
      {"customer_email", customer.at("email")},
      {"customer_name", customer.at("name")},
      {"customer_phone", customer.at("phone")},
      {"customer_shipping", nullptr},
      {"customer_tax_exempt", "none"},
      {"customer_tax_ids", json::array{}},
      {"default_payment_method", nullptr},
      {"default_source", nullptr},
      {"default_tax_rates", json::array{}},
      {"description", nullptr},
      {"discounts", json::array{}},
      {"due_date", nullptr},
      {"effective_at", nullptr},
      {"ending_balance", nullptr},
      {"footer", nullptr},
      {"from_invoice", nullptr},
      {"hosted_invoice_url", nullptr},
      {"invoice_pdf", nullptr},
      {"issuer", {{"type", "self"}}},
      {"last_finalization_error", nullptr},
      {"latest_revision", nullptr},
      {"lines", whole_list({}, "/v1/invoices/" + id + "/lines")},
      {"livemode", false},
      {"metadata", document{}},
      {"next_payment_attempt", nullptr},
      {"number", nullptr},
      {"on_behalf_of", nullptr},
      {"parent", nullptr},
      {"payment_settings",
       {{"default_mandate", nullptr},
        {"payment_method_options", nullptr},
        {"payment_method_types", nullptr}}},
      {"payments", whole_list({}, "/v1/invoice_payments?invoice=" + id)},
      {"period_end", account.now()},
      {"period_start", account.now()},
      {"post_payment_credit_notes_amount", 0},
      {"pre_payment_credit_notes_amount", 0},
      {"receipt_number", nullptr},
      {"rendering", nullptr},
      {"shipping_cost", nullptr},
      {"shipping_details", nullptr},
      {"starting_balance", 0},
      {"statement_descriptor", nullptr},
      {"status", "draft"},
      {"status_transitions",
       {{"finalized_at", nullptr},
        {"marked_uncollectible_at", nullptr},
        {"paid_at", nullptr},
        {"voided_at", nullptr}}},
      {"subtotal", 0},
      {"subtotal_excluding_tax", 0},
      {"test_clock", nullptr},
      {"total", 0},
      {"total_discount_amounts", json::array{}},
      {"total_excluding_tax", 0},
      {"total_pretax_credit_amounts", json::array{}},
      {"total_taxes", json::array{}},
      {"webhooks_delivered_at", nullptr},
  });
}

void add_line(
    sandbox& account,
    document& invoice,
    std::int64_t amount,
    std::string_view description,
    std::int64_t quantity
) {
  invoice["lines"].as_object()["data"].as_array().push_back(
      line_of(account, invoice, amount, description, quantity)
  );
  const auto total = number_of(invoice, "total") + amount;
  for (const auto name : {"total", "subtotal", "subtotal_excluding_tax", "total_excluding_tax"})
    invoice[name] = total;
  for (const auto name : {"amount_due", "amount_remaining"})
    invoice[name] = std::max<std::int64_t>(total, 0);
}

void finalize(sandbox& account, document& invoice) {
  const auto page = account.options.base_url + "/invoices/" + std::string{text_of(invoice, "id")};
  invoice["status"] = "open";
  invoice["number"] = account.luck.letters(8) + "-0001";
  invoice["hosted_invoice_url"] = page;
  invoice["invoice_pdf"] = page;
  invoice["effective_at"] = account.now();
  invoice["status_transitions"].as_object()["finalized_at"] = account.now();
  account.emit("invoice.finalized", invoice);
}

void mark_paid(sandbox& account, document& invoice, const document* intent) {
  invoice["status"] = "paid";
  invoice["attempted"] = true;
  invoice["amount_paid"] = invoice.at("amount_due");
  invoice["amount_remaining"] = 0;
  invoice["status_transitions"].as_object()["paid_at"] = account.now();
  if (intent) {
    auto& payment = account.documents.add(payment_of(account, invoice, *intent));
    invoice["payments"].as_object()["data"].as_array().push_back(payment);
  }
  account.emit("invoice.paid", invoice);
  account.emit("invoice.payment_succeeded", invoice);
}

} // namespace tessera::paysim
