#include "http/routes/credits/purchase_fields.hpp"

#include "http/routes/credits/nullable_fields.hpp"
#include "messages/types/money.hpp"

namespace tessera::http {

namespace {

void write_units(json::writer& out, const purchase_units& units) {
  out.key("units").begin_object();
  out.field("free", units.free.value()).field("held", units.held.value()).field("used", units.used.value());
  out.field("expired", units.expired.value()).field("refunded", units.refunded.value());
  out.field("clawed", units.clawed.value()).field("debtRepaid", units.debt_repaid.value());
  out.field("inTransit", units.in_transit.value());
  out.key("allocated").begin_array();
  for (const auto& each : units.allocated) {
    out.begin_object().field("entityType", to_string(each.entity.type)).field("entityId", each.entity.id);
    out.field("units", each.units.value()).end_object();
  }
  out.end_array().end_object();
}

} // namespace

std::string invoice_url(std::string_view base_url, std::string_view purchase_id) {
  return std::string(base_url).append("/api/credits/purchases/").append(purchase_id).append("/invoice");
}

void write_purchase(json::writer& out, const purchase_view& p, std::string_view base_url) {
  out.field("purchaseId", p.purchase_id).field("status", p.status);
  out.field("packageId", p.package_id).field("packageName", p.package_name);
  out.field("credits", p.amount.value()).key("amount").raw(decimal_text(p.amount_minor, p.currency));
  out.field("amountMinor", p.amount_minor).field("currency", p.currency);
  out.field("paymentMethod", p.payment_method);
  out.field("entityType", to_string(p.entity.type)).field("entityId", p.entity.id);
  write_text(out, "expiryDate", p.expiry_date);
  write_time(out, "expiresAt", p.expires_at);
  out.field("invoiceUrl", invoice_url(base_url, p.purchase_id));
  out.key("billingAddress");
  p.billing_address.empty() ? out.null() : out.raw(p.billing_address);
  const auto& why = p.refused_code.empty() ? p.failure_code : p.refused_code;
  if (!why.empty()) out.field("failureCode", why);
  if (!p.failure_message.empty()) out.field("failureMessage", p.failure_message);
  if (!p.checkout_url.empty()) out.field("checkoutUrl", p.checkout_url);
  write_units(out, p.units);
  write_time(out, "createdAt", p.created_at);
  write_time(out, "completedAt", p.completed_at);
}

} // namespace tessera::http
