#include "actors/payment/stripe_requests.hpp"

#include "actors/support/form.hpp"
#include "messages/types/uuid.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace tessera {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

/// Twenty at most may be asked for.
constexpr std::string_view event_types[] = {
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "charge.refunded",
    "charge.refund.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
};

/// By these an event is matched with its purchase.
void add_names(
    form& to, const std::string& prefix, const payment_record& purchase, const std::string& tenant
) {
  to.add(prefix + "metadata[purchaseId]", purchase.purchase_id).add(prefix + "metadata[tenantId]", tenant);
}

} // namespace

outgoing_request stripe_requests::get(const std::string& path) const {
  outgoing_request request;
  request.url = options_.api_base + path;
  request.headers = {
      {"Authorization", "Bearer " + options_.secret_key}, {"Stripe-Version", std::string(stripe_version)}};
  request.attempts = 3;
  request.attempt_limit = std::chrono::milliseconds(10'000);
  request.whole_limit = std::chrono::milliseconds(25'000);
  request.most_bytes = 4u << 20;
  return request;
}

outgoing_request
stripe_requests::post(const std::string& path, std::string body, std::string_view key) const {
  auto request = get(path);
  request.method = "POST";
  request.body = std::move(body);
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  if (key.empty())
    request.attempts = 1;
  else
    request.headers.emplace_back("Idempotency-Key", std::string(key));
  return request;
}

outgoing_request stripe_requests::charge(
    const payment_record& purchase, const std::string& tenant, const saved_method& with, std::int64_t amount
) const {
  form body;
  body.add("amount", amount).add("currency", lower(purchase.currency));
  body.add("customer", with.customer_id).add("payment_method", with.method_id);
  body.add_true("confirm").add_true("off_session").add_true("automatic_payment_methods[enabled]");
  body.add("automatic_payment_methods[allow_redirects]", "never");
  body.add("description", purchase.package_name);
  add_names(body, "", purchase, tenant);
  return post("/v1/payment_intents", body.text(), purchase.purchase_id);
}

outgoing_request stripe_requests::checkout(
    const payment_record& purchase,
    const std::string& tenant,
    const std::string& customer,
    const std::string& return_base,
    std::int64_t amount
) const {
  const auto back = return_base + "/?purchase=" + percent_encoded(purchase.purchase_id);
  form body;
  body.add("mode", "payment").add("client_reference_id", purchase.purchase_id);
  // The price of our package counts, whatever a price of the provider's says by now.
  body.add("line_items[0][quantity]", 1).add("line_items[0][price_data][currency]", lower(purchase.currency));
  body.add("line_items[0][price_data][unit_amount]", amount);
  body.add("line_items[0][price_data][product_data][name]", purchase.package_name);
  body.add("success_url", back + "&outcome=paid").add("cancel_url", back + "&outcome=left");
  body.add_true("invoice_creation[enabled]");
  if (!customer.empty()) body.add("customer", customer);
  add_names(body, "", purchase, tenant);
  form more;
  more.add("payment_intent_data[metadata][purchaseId]", purchase.purchase_id);
  more.add("payment_intent_data[metadata][tenantId]", tenant);
  return post("/v1/checkout/sessions", body.text() + "&" + more.text(), purchase.purchase_id + "-checkout");
}

outgoing_request
stripe_requests::cancel(const payment_record& purchase, const std::string& payment_id) const {
  form body;
  body.add("cancellation_reason", "abandoned");
  return post(
      "/v1/payment_intents/" + percent_encoded(payment_id) + "/cancel",
      body.text(),
      purchase.purchase_id + "-cancel"
  );
}

outgoing_request stripe_requests::read_payment(const std::string& payment_id) const {
  return get("/v1/payment_intents/" + percent_encoded(payment_id));
}

outgoing_request stripe_requests::payments_of(
    const std::string& customer, std::int64_t since, const std::string& before
) const {
  auto path = "/v1/payment_intents?limit=100&customer=" + percent_encoded(customer) +
              "&created%5Bgte%5D=" + std::to_string(since);
  if (!before.empty()) path += "&starting_after=" + percent_encoded(before);
  return get(path);
}

outgoing_request stripe_requests::read_session(const std::string& session_id) const {
  return get("/v1/checkout/sessions/" + percent_encoded(session_id));
}

outgoing_request stripe_requests::expire(const std::string& session_id) const {
  return post("/v1/checkout/sessions/" + percent_encoded(session_id) + "/expire", {}, "expire-" + session_id);
}

outgoing_request stripe_requests::new_customer(
    const std::string& tenant, const account_id& account, const entity_ref& entity
) const {
  form body;
  body.add("name", entity.id).add("metadata[tenantId]", tenant);
  body.add("metadata[entityType]", to_string(entity.type)).add("metadata[entityId]", entity.id);
  return post("/v1/customers", body.text(), "customer-" + to_string(account));
}

outgoing_request stripe_requests::attach(
    const std::string& method_id, const std::string& customer, const std::string& key
) const {
  form body;
  body.add("customer", customer);
  return post("/v1/payment_methods/" + percent_encoded(method_id) + "/attach", body.text(), key);
}

outgoing_request stripe_requests::detach(const std::string& method_id) const {
  return post("/v1/payment_methods/" + percent_encoded(method_id) + "/detach", {}, "detach-" + method_id);
}

outgoing_request stripe_requests::refund(
    const payment_record& purchase,
    const std::string& tenant,
    const std::string& refund_id,
    std::int64_t amount
) const {
  form body;
  body.add("payment_intent", purchase.payment_id).add("amount", amount);
  body.add("metadata[refundId]", refund_id);
  add_names(body, "", purchase, tenant);
  return post("/v1/refunds", body.text(), refund_id);
}

outgoing_request stripe_requests::refunds_of(const std::string& payment_id) const {
  return get("/v1/refunds?limit=100&payment_intent=" + percent_encoded(payment_id));
}

outgoing_request stripe_requests::events(std::int64_t since, const std::string& before) const {
  auto path = "/v1/events?limit=100&created%5Bgte%5D=" + std::to_string(since);
  for (const auto type : event_types)
    path.append("&types%5B%5D=").append(type);
  if (!before.empty()) path += "&starting_after=" + percent_encoded(before);
  return get(path);
}

} // namespace tessera
