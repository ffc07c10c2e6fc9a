// POST /api/credits/reclaim: whoever administers an entity calls back what one below it has free.
#include "http/auth/idempotency.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/upward.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

upward_body read(json::object fields) {
  upward_body body;
  body.from = read_entity(fields);
  if (fields.has("toEntityType") || fields.has("toEntityId"))
    body.to = read_entity(fields, "toEntityType", "toEntityId");
  read_upward(fields, body, "entityType");
  if (body.to && !body.to->id.empty() && *body.to == body.from)
    fields.reject("toEntityId", "same_entity", "An entity calls nothing back from itself.");
  return body;
}

bool names_both(const upward_body& body) {
  return !body.from.id.empty() && (!body.to || !body.to->id.empty());
}

/// Who is to get the credits, where the caller may have them called back to. Null in `found` without a
/// problem: nobody is above.
entity_search find_receiver(const caller& who, const directory_entity& from, const upward_body& body) {
  if (body.to) return find_entity(who, act::allocate, *body.to);
  const auto* above = who.tenant->tree.parent_of(from);
  return {above, above ? why_may_not(who, act::allocate, above) : std::nullopt};
}

problem not_below(const upward_body& body) {
  return simple_problem(
      403,
      "not_in_subtree",
      "The entity is not below the one that calls back",
      std::string(to_string(body.from.type)) + " " + body.from.id + "."
  );
}

} // namespace

caller_handler reclaim(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    upward_call call;
    if (const auto wrong = read_idempotency_key(request, call.key)) return refuse(*wrong);
    json::reader reader(request.body);
    call.body = read(reader.object());
    const auto wrong = or_of_query(reader.refusal(), request.query);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong && !names_both(call.body)) return refuse(*wrong);
    const auto* from = who.tenant->find(call.body.from);
    if (!from) return refuse(judge_unknown(who, problem_of(errc::entity_unknown)));
    const auto to = find_receiver(who, *from, call.body);
    if (to.refused) return refuse(*to.refused);
    if (to.found && !who.tenant->covers(to.found->account, *from)) return refuse(not_below(call.body));
    if (wrong) return refuse(*wrong);
    send_up(with, inbox_kind::reclaim, call, *from, *to.found, request, respond, who);
  };
}

} // namespace tessera::http
