// GET /api/credits/balance/:entityType/:entityId
#include "http/json/writer.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

void write_time(json::writer& out, std::string_view name, const std::optional<time_point>& at) {
  out.key(name);
  at ? out.string(to_rfc3339(*at)) : out.null();
}

void write_date(json::writer& out, const lot& l) {
  out.key("expiryDate");
  l.expiry_date.empty() ? out.null() : out.string(l.expiry_date);
}

void write_lot(json::writer& out, const lot& l) {
  out.begin_object();
  out.field("lotId", to_string(l.id))
      .field("rootLotId", to_string(l.root))
      .field("purchaseId", l.purchase_id);
  out.field("kind", to_string(l.kind)).field("credits", l.amount.value()).field("free", l.free.value());
  out.field("held", l.held.value());
  write_time(out, "effectiveAt", l.effective_at);
  write_time(out, "expiresAt", l.expires_at);
  write_date(out, l);
  out.key("applications").begin_array();
  for (const auto& application : l.applications)
    out.string(application);
  out.end_array().field("priority", int{l.priority}).end_object();
}

/// The lot that is over first, or null when none ever is.
const lot* soonest(const balance_view& view) {
  const lot* first = nullptr;
  for (const auto& l : view.lots)
    if (l.expires_at && (!first || *l.expires_at < *first->expires_at)) first = &l;
  return first;
}

response render(const entity_ref& entity, const balance_view& view) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  out.field("entityType", to_string(entity.type)).field("entityId", entity.id);
  out.field("totalCredits", view.now.total().value()).field("usedCredits", view.now.used.value());
  out.field("reservedCredits", view.now.reserved.value()).field("availableCredits", view.usable.value());
  out.field("debt", view.now.debt.value());
  const auto* first = soonest(view);
  write_time(out, "expiresAt", first ? first->expires_at : std::nullopt);
  write_date(out, first ? *first : lot{});
  out.key("lots").begin_array();
  for (const auto& l : view.lots)
    write_lot(out, l);
  out.end_array();
  write_time(out, "asOf", view.as_of);
  out.end_object();
  answer.headers.emplace_back("X-Balance-Seq", std::to_string(view.seq));
  return answer;
}

} // namespace

caller_handler balance(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    entity_ref ref;
    if (const auto wrong = read_entity(request.parameters[0], request.parameters[1], ref))
      return refuse(*wrong);
    const auto at = find_entity(who, ref);
    if (at.refused) return refuse(*at.refused);
    with.behind.balance(
        {at.found->account, who.application},
        [respond, refuse, ref](const result<balance_view>& view) {
          view ? respond(render(ref, *view)) : refuse(problem_of(view.why()));
        }
    );
  };
}

} // namespace tessera::http
