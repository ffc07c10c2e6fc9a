// POST /api/credits/purchase: only the `test` method exists, which settles at once.
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/billing_address.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routes/credits/purchase_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <array>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view route_template = "POST /api/credits/purchase";
constexpr std::size_t test_method = 2;

struct body_of_purchase {
  entity_ref entity;
  purchase_credits command;
};

void read_method(json::object& fields, bool allow_test, purchase_credits& into) {
  const auto given = fields.has("paymentMethod");
  const auto method = fields.choice("paymentMethod", {"stripe", "invoice", "test"});
  into.payment_method = "test";
  // A method that is no text or none of these is told already: the first thing that is wrong with a field is.
  if (given && (method != test_method || !allow_test))
    fields.reject("paymentMethod", "payment_method_unavailable", "The method cannot be used here.");
}

body_of_purchase read(json::object fields, bool allow_test) {
  body_of_purchase body;
  body.entity = read_entity(fields);
  body.command.package_id = fields.string("packageId", id_rules);
  read_method(fields, allow_test, body.command);
  body.command.billing_address = read_billing_address(fields);
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

/// Credits that are not there yet do not end.
response render(const purchase_receipt& receipt, std::string_view base_url) {
  response answer;
  const bool completed = receipt.status == "completed";
  answer.status = completed ? 201 : 202;
  json::writer out(answer.body);
  out.begin_object()
      .field("success", true)
      .field("purchaseId", receipt.purchase_id)
      .field("status", receipt.status);
  out.field("creditsAdded", receipt.added.value()).field("newBalance", receipt.available.value());
  write_text(out, "expiryDate", completed ? receipt.expiry_date : std::string());
  write_time(out, "expiresAt", completed ? receipt.expires_at : std::nullopt);
  out.field("invoiceUrl", invoice_url(base_url, receipt.purchase_id)).end_object();
  if (receipt.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

/// A refusal that was remembered says so, like any first answer.
problem failure_of(const purchase_receipt& receipt) {
  auto why = simple_problem(422, "purchase_failed", "The account could not take the credits in");
  for (const auto code : {errc::package_inactive, errc::amount_out_of_range})
    if (receipt.refused_code == to_string(code)) why = problem_of(code);
  if (receipt.replayed) why.headers.emplace_back("Idempotent-Replayed", "true");
  return why;
}

} // namespace

caller_handler purchase(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto body = read(reader.object(), with.allow_test_payments);
    const auto wrong = or_of_query(reader.refusal(), request.query);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong && body.entity.id.empty()) return refuse(*wrong);
    const auto at = find_entity(who, act::purchase, body.entity);
    if (at.refused) return refuse(*at.refused);
    if (wrong) return refuse(*wrong);

    auto& command = body.command;
    command.tenant = who.tenant->tenant;
    command.account = at.found->account;
    command.requested_by = who.as_principal();
    command.request_id = request.request_id;
    set_key(command, body, key, who.application);
    with.behind.purchase(
        std::move(command),
        [&with, respond, refuse](const result<purchase_receipt>& receipt) {
          if (!receipt) return refuse(problem_of(receipt.why()));
          if (receipt->status == "failed") return refuse(failure_of(*receipt));
          respond(render(*receipt, with.public_base_url));
        }
    );
  };
}

} // namespace tessera::http
