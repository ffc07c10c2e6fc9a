// POST /api/credits/purchase: only the `test` method exists, which settles at once.
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/rejections.hpp"

#include <array>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view route_template = "POST /api/credits/purchase";
constexpr std::size_t test_method = 2;

struct body_of_purchase {
  entity_ref entity;
  std::size_t method = 0; // of stripe, invoice, test
  purchase_credits command;
};

body_of_purchase read(json::object fields) {
  body_of_purchase body;
  body.entity = read_entity(fields);
  body.command.package_id = fields.string("packageId", id_rules);
  body.method = fields.choice("paymentMethod", {"stripe", "invoice", "test"});
  body.command.payment_method = "test";
  body.command.billing_address = fields.optional_raw("billingAddress").value_or("");
  return body;
}

void set_key(
    purchase_credits& command,
    const body_of_purchase& body,
    std::string_view key,
    std::string_view application
) {
  if (key.empty()) return;
  fingerprint print;
  print.add(to_string(body.entity.type))
      .add(body.entity.id)
      .add(command.package_id)
      .add(command.payment_method);
  print.add(command.billing_address).add(application);
  command.idempotency = make_idempotency_key(command.tenant, route_template, key, print);
}

response render(const purchase_receipt& receipt) {
  response answer;
  answer.status = receipt.status == "completed" ? 201 : 202;
  json::writer out(answer.body);
  out.begin_object()
      .field("success", true)
      .field("purchaseId", receipt.purchase_id)
      .field("status", receipt.status);
  out.field("creditsAdded", receipt.added.value()).field("newBalance", receipt.available.value());
  out.field("expiryDate", receipt.expiry_date);
  out.key("expiresAt");
  receipt.expires_at ? out.string(to_rfc3339(*receipt.expires_at)) : out.null();
  out.key("invoiceUrl").null().end_object();
  if (receipt.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

problem failure_of(const purchase_receipt& receipt) {
  return simple_problem(
      422,
      receipt.refused_code == to_string(errc::amount_out_of_range) ? "amount_out_of_range"
                                                                   : "purchase_failed",
      "The account could not take the credits in"
  );
}

} // namespace

caller_handler purchase(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto body = read(reader.object());
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong && body.entity.id.empty()) return refuse(*wrong);
    const auto at = find_entity(who, body.entity);
    if (at.refused) return refuse(*at.refused);
    if (wrong) return refuse(*wrong);
    if (body.method != test_method || !with.allow_test_payments)
      return refuse(problem_of(errc::payment_method_unavailable));

    auto& command = body.command;
    command.tenant = who.tenant->tenant;
    command.account = at.found->account;
    command.requested_by = who.as_principal();
    command.request_id = request.request_id;
    set_key(command, body, key, who.application);
    with.behind.purchase(std::move(command), [respond, refuse](const result<purchase_receipt>& receipt) {
      if (!receipt) return refuse(problem_of(receipt.why()));
      receipt->status == "failed" ? refuse(failure_of(*receipt)) : respond(render(*receipt));
    });
  };
}

} // namespace tessera::http
