// POST /api/credits/purchases/:id/mark-paid: the operator says that an invoice was paid.
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/ledger_fields.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routes/credits/purchase_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view mark_paid_template = "POST /api/credits/purchases/:id/mark-paid";

response render_paid(const purchase_receipt& receipt, std::string_view base_url) {
  response answer;
  const bool completed = receipt.status != "pending";
  answer.status = completed ? 200 : 202;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("purchaseId", receipt.purchase_id);
  out.field("status", receipt.status).field("creditsAdded", receipt.added.value());
  out.field("newBalance", receipt.available.value());
  write_text(out, "expiryDate", completed ? receipt.expiry_date : std::string());
  write_time(out, "expiresAt", completed ? receipt.expires_at : std::nullopt);
  out.field("invoiceUrl", invoice_url(base_url, receipt.purchase_id)).end_object();
  if (receipt.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

} // namespace

caller_handler mark_paid(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong_key = read_idempotency_key(request, key)) return refuse(*wrong_key);
    json::reader body(request.body.empty() ? "{}" : request.body);
    auto fields = body.object();
    tessera::mark_paid command;
    command.tenant = who.tenant->tenant;
    command.requested_by = who.as_principal();
    command.reference = fields.optional_string("reference", {.most = 255}).value_or("");
    const auto wrong = body.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong) return refuse(*wrong);
    query_reader query(request.query);
    if (const auto unknown = query.refusal()) return refuse(*unknown);
    if (!is_valid_id(request.parameters.front())) return refuse(problem_of(errc::purchase_unknown));
    command.purchase_id = std::string(request.parameters.front());
    fingerprint print;
    print.add(command.purchase_id).add(command.reference).add(command.requested_by.application);
    command.idempotency = optional_key(command.tenant, mark_paid_template, key, print);
    with.behind.mark(std::move(command), [&with, respond, refuse](const result<purchase_receipt>& receipt) {
      if (!receipt) return refuse(problem_of(receipt.why()));
      if (receipt->status == "failed") return refuse(problem_of(errc::purchase_not_payable));
      respond(render_paid(*receipt, with.public_base_url));
    });
  };
}

} // namespace tessera::http
