// POST /api/credits/purchases/:id/refund: money and credits go back, in parts or all of it (R-C 3.7).
#include "http/json/writer.hpp"
#include "http/routes/credits/call.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"
#include "messages/types/money.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view refund_template = "POST /api/credits/purchases/:id/refund";

response render(const refund_view& refund) {
  response answer;
  answer.status = refund.status == "succeeded" ? 201 : 202;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("refundId", refund.refund_id);
  out.field("purchaseId", refund.purchase_id).field("status", refund.status);
  out.field("credits", refund.units.value());
  out.key("amount").raw(decimal_text(refund.amount_minor, refund.currency));
  out.field("amountMinor", refund.amount_minor).field("currency", refund.currency);
  out.field("reason", refund.reason).field("newBalance", refund.available.value());
  write_time(out, "createdAt", refund.created_at);
  out.end_object();
  if (refund.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

/// It was begun, and came to nothing: the units were spent meanwhile, or the provider said no.
problem failure_of(const refund_view& refund) {
  const bool is_short = refund.failure_code == to_string(errc::insufficient_credits);
  auto why = problem_of(
      rejection(is_short ? errc::insufficient_credits : errc::purchase_not_refundable, refund.failure_message)
  );
  if (refund.replayed) why.headers.emplace_back("Idempotent-Replayed", "true");
  return why;
}

tessera::refund_purchase read_refund_fields(json::object& fields) {
  tessera::refund_purchase command;
  if (const auto units = fields.optional_integer("credits", amount_rules)) command.units = credits{*units};
  command.recall = fields.optional_boolean("recall").value_or(false);
  command.reason = fields.string("reason", {.most = 500});
  return command;
}

fingerprint fingerprint_of(const tessera::refund_purchase& command) {
  fingerprint print;
  print.add(command.purchase_id).add(command.units ? command.units->value() : 0);
  print.add(std::int64_t{command.recall}).add(command.reason).add(command.requested_by.application);
  return print;
}

/// The buyer of the purchase says where the caller must be allowed to; one out of reach looks like none.
void send(
    service& with,
    tessera::refund_purchase command,
    const request& from,
    const responder& respond,
    const caller& who
) {
  const auto refuse = [&from, respond](const problem& why) { respond(to_response(why, from)); };
  const find_purchase which{command.tenant, command.purchase_id, std::nullopt};
  with.behind.find(
      which,
      [&with, command = std::move(command), respond, refuse, who](const result<purchase_view>& found
      ) mutable {
        if (!found) return refuse(problem_of(found.why()));
        const auto* at = who.tenant->find(found->entity);
        if (at == nullptr) return refuse(problem_of(errc::purchase_unknown));
        if (const auto no = why_may_not(who, act::refund, at)) return refuse(*no);
        with.behind.refund(
            std::move(command),
            [respond, refuse, entity = at->ref(), application = who.application](
                const result<refund_view>& refund
            ) {
              if (!refund) return refuse(problem_of(refund.why(), entity, application));
              if (refund->status == "failed") return refuse(failure_of(*refund));
              respond(render(*refund));
            }
        );
      }
  );
}

} // namespace

caller_handler refund_purchase(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader body(request.body);
    auto fields = body.object();
    auto command = read_refund_fields(fields);
    const auto wrong = body.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong) return refuse(*wrong);
    query_reader query(request.query);
    if (const auto unknown = query.refusal()) return refuse(*unknown);
    if (!is_valid_id(request.parameters.front())) return refuse(problem_of(errc::purchase_unknown));
    command.tenant = who.tenant->tenant;
    command.purchase_id = std::string(request.parameters.front());
    command.requested_by = who.as_principal();
    command.request_id = request.request_id;
    command.idempotency = optional_key(command.tenant, refund_template, key, fingerprint_of(command));
    send(with, std::move(command), request, respond, who);
  };
}

} // namespace tessera::http
