// POST /api/credits/return: credits go to the entity above, by whoever administers the one that gives them.
#include "http/auth/idempotency.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/upward.hpp"
#include "http/routing/query.hpp"

namespace tessera::http {

namespace {

upward_body read(json::object fields) {
  upward_body body;
  body.from = read_entity(fields, "fromEntityType", "fromEntityId");
  read_upward(fields, body, "fromEntityType");
  return body;
}

} // namespace

caller_handler give_back(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    upward_call call;
    if (const auto wrong = read_idempotency_key(request, call.key)) return refuse(*wrong);
    json::reader reader(request.body);
    call.body = read(reader.object());
    const auto wrong = or_of_query(reader.refusal(), request.query);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong && call.body.from.id.empty()) return refuse(*wrong);
    const auto from = find_entity(who, act::give_back, call.body.from);
    if (from.refused) return refuse(*from.refused);
    if (wrong) return refuse(*wrong);
    const auto* above = who.tenant->tree.parent_of(*from.found);
    send_up(with, inbox_kind::give_back, call, *from.found, *above, request, respond, who);
  };
}

} // namespace tessera::http
