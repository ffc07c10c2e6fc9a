// POST /api/credits/purchase: `test` settles at once, `invoice` when the operator says that it was paid, and
// `stripe` when the provider does.
#include "http/auth/limits/addresses.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/billing_address.hpp"
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routes/credits/purchase_fields.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/rejections.hpp"

#include <array>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view purchase_template = "POST /api/credits/purchase";
constexpr std::array<std::string_view, 3> methods{"stripe", "invoice", "test"};

bool is_available(std::string_view method, const service& with) {
  if (method == "stripe") return with.takes_stripe;
  return method == "invoice" || with.allow_test_payments;
}

void read_method(json::object& fields, const service& with, purchase_credits& into) {
  const auto given = fields.has("paymentMethod");
  into.payment_method = methods.at(fields.choice("paymentMethod", {"stripe", "invoice", "test"}));
  // A method that is no text or none of these is told already: the first thing that is wrong with a field is.
  if (given && !is_available(into.payment_method, with))
    fields.reject("paymentMethod", "payment_method_unavailable", "The method cannot be used here.");
}

fingerprint fingerprint_of(const purchase_credits& command, const entity_ref& entity) {
  fingerprint print;
  print.add(to_string(entity.type)).add(entity.id).add(command.package_id).add(command.payment_method);
  print.add(command.billing_address).add(command.requested_by.application);
  return print;
}

/// A rule against fraud holds it until somebody has decided.
bool is_reviewed(const purchase_receipt& receipt) {
  return receipt.status == "review" && receipt.failure_code == "fraud_review";
}

/// What the payer does next, where it is not paid yet.
void write_next_step(json::writer& out, const purchase_receipt& receipt) {
  write_text(out, "clientSecret", receipt.client_secret);
  write_text(out, "checkoutUrl", receipt.checkout_url);
  if (is_reviewed(receipt)) out.field("message", "The purchase is reviewed before it is paid.");
  if (receipt.provider_is_away)
    out.field(
        "message",
        "The payment provider does not answer. The purchase is kept, and is paid as soon as it does."
    );
}

/// Credits that are not there yet do not end.
response render(const purchase_receipt& receipt, std::string_view base_url) {
  response answer;
  const bool completed =
      receipt.status != "pending" && receipt.status != "review"; // whatever became of it since
  answer.status = completed ? 201 : 202;
  json::writer out(answer.body);
  out.begin_object()
      .field("success", true)
      .field("purchaseId", receipt.purchase_id)
      .field("status", receipt.status);
  if (!completed) write_next_step(out, receipt);
  out.field("creditsAdded", receipt.added.value()).field("newBalance", receipt.available.value());
  write_text(out, "expiryDate", completed ? receipt.expiry_date : std::string());
  write_time(out, "expiresAt", completed ? receipt.expires_at : std::nullopt);
  out.field("invoiceUrl", invoice_url(base_url, receipt.purchase_id)).end_object();
  if (receipt.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

/// It came to nothing, or somebody has to look at it.
bool is_over(const purchase_receipt& receipt) {
  const std::string_view status = receipt.status;
  if (is_reviewed(receipt)) return false;
  return status == "failed" || status == "canceled" || status == "expired" || status == "review";
}

/// A refusal that was remembered says so, like any first answer.
problem failure_of(const purchase_receipt& receipt) {
  auto why = simple_problem(422, "purchase_failed", "The account could not take the credits in");
  if (receipt.status != "failed") {
    why.detail = "The purchase " + receipt.purchase_id + " is " + receipt.status + ".";
  } else if (!receipt.failure_code.empty()) {
    why = problem_of(rejection(errc::payment_declined, receipt.failure_message));
    std::string members;
    json::writer out(members);
    out.begin_object().field("purchaseId", receipt.purchase_id).field("declineCode", receipt.failure_code);
    out.end_object();
    why.extensions = members.substr(1, members.size() - 2); // the members without the braces
  }
  for (const auto code : {errc::package_inactive, errc::amount_out_of_range, errc::purchase_limit_reached})
    if (receipt.refused_code == to_string(code)) why = problem_of(code);
  if (receipt.replayed) why.headers.emplace_back("Idempotent-Replayed", "true");
  return why;
}

void send(const answering& to, permitted<purchase_credits> asked) {
  to.with.behind.purchase(
      std::move(asked.command),
      [to, entity = asked.at->ref()](const result<purchase_receipt>& receipt) {
        if (!receipt) return to.refuse(receipt.why(), entity);
        if (is_over(*receipt)) return to.refuse(failure_of(*receipt));
        to.respond(render(*receipt, to.with.public_base_url));
      }
  );
}

} // namespace

permitted<purchase_credits> read_purchase(call& from) {
  const auto entity = read_entity(from.fields);
  purchase_credits command;
  command.package_id = from.fields.string("packageId", id_rules);
  read_method(from.fields, from.with, command);
  command.billing_address = read_billing_address(from.fields);
  const auto at = from.place(act::purchase, entity);
  if (at.refused) return {at.refused, {}, nullptr};
  from.sign(command);
  command.account = at.found->account;
  command.network = network_text(address_of(from.from, from.with.trusted_proxies));
  command.idempotency = from.once(purchase_template, fingerprint_of(command, entity));
  return {{}, std::move(command), at.found};
}

caller_handler purchase(service& with) {
  return command_route<purchase_credits>(with, read_purchase, send);
}

} // namespace tessera::http
