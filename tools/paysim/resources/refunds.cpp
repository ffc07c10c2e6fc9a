#include "tools/paysim/payments/refunds.hpp"

#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/payments/charges.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

document& charge_named(const call& of) {
  const auto charge = of.params.text("charge").value_or("");
  const auto intent = of.params.text("payment_intent").value_or("");
  if (!charge.empty() && !intent.empty())
    throw invalid_request(
        "You may only specify one of these parameters: charge, payment_intent.", {}, "parameters_exclusive"
    );
  if (!charge.empty()) return of.account.get("charge", charge, "charge");
  if (intent.empty())
    throw invalid_request("One of the following params should be provided: payment_intent or charge.");
  auto* found = latest_charge(of.account, of.account.get("payment_intent", intent, "payment_intent"));
  if (found) return *found;
  throw state_error(
      "", "This PaymentIntent (" + intent + ") does not have a successful charge to refund.", "payment_intent"
  );
}

json::value create(const call& of) {
  auto& charge = charge_named(of);
  const auto left = number_of(charge, "amount_captured") - number_of(charge, "amount_refunded");
  const auto amount = of.params.integer("amount");
  const auto reason = of.params.choice(
      "reason", {"duplicate", "fraudulent", "requested_by_customer", "expired_uncaptured_charge"}
  );
  document metadata;
  of.params.merge_metadata(metadata);
  of.params.ignore({"instructions_email", "refund_application_fee", "reverse_transfer"});
  of.params.done();
  if (amount && *amount < 1)
    throw invalid_request(
        "This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer"
    );
  return make_refund(
      of.account, charge, amount.value_or(left), reason.value_or(""), metadata.at("metadata").get_object()
  );
}

json::value update(const call& of) {
  auto& refund = of.account.get("refund", of.ids.front(), "refund", 404);
  auto changed = refund;
  of.params.merge_metadata(changed);
  of.params.done();
  refund = std::move(changed);
  of.account.emit("refund.updated", refund);
  return refund;
}

/// Only where the payer must act, which no method here asks of them.
json::value cancel(const call& of) {
  auto& refund = of.account.get("refund", of.ids.front(), "refund", 404);
  of.params.done();
  throw state_error(
      "", "A refund with the status " + std::string{text_of(refund, "status")} + " can't be canceled."
  );
}

json::value list(const call& of) {
  const auto charge = of.params.text("charge");
  const auto intent = of.params.text("payment_intent");
  return answer_list(of, "refund", [&](const document& each) {
    return (!charge || text_of(each, "charge") == *charge) &&
           (!intent || text_of(each, "payment_intent") == *intent);
  });
}

} // namespace

endpoint_table refund_endpoints() {
  return {
      {"POST", "/v1/refunds", create},
      {"GET", "/v1/refunds", list},
      {"GET", "/v1/refunds/:id", retrieving("refund", "refund")},
      {"POST", "/v1/refunds/:id", update},
      {"POST", "/v1/refunds/:id/cancel", cancel},
  };
}

} // namespace tessera::paysim
