// POST /api/credits/reclaim: whoever administers an entity calls back what one below it has free.
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/upward.hpp"
#include "http/routing/rejections.hpp"

#include <string>

namespace tessera::http {

namespace {

upward_body read_reclaim_fields(json::object& fields) {
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

/// Who is to get the credits, where the caller may have them called back to; null without a problem: nobody
/// is above.
entity_search find_receiver(const caller& who, const directory_entity& giver, const upward_body& body) {
  if (body.to) return find_entity(who, act::allocate, *body.to);
  const auto* above = who.tenant->tree.parent_of(giver);
  return {above, above ? why_may_not(who, act::allocate, above) : std::nullopt};
}

problem not_below(const entity_ref& giver) {
  return simple_problem(
      403,
      "not_in_subtree",
      "The entity is not below the one that calls back",
      std::string(to_string(giver.type)) + " " + giver.id + "."
  );
}

/// Who gives, where that lies below who gets.
entity_search find_both(const caller& who, const upward_body& body, const directory_entity*& receiver) {
  const auto* giver = who.tenant->find(body.from);
  if (!giver) return {nullptr, judge_unknown(who, problem_of(errc::entity_unknown))};
  auto above = find_receiver(who, *giver, body);
  if (above.refused) return {nullptr, std::move(above.refused)};
  receiver = above.found;
  if (receiver && !who.tenant->covers(receiver->account, *giver)) return {nullptr, not_below(body.from)};
  return {giver, {}};
}

} // namespace

permitted<allocate_credits> read_reclaim(call& from) {
  const auto body = read_reclaim_fields(from.fields);
  const directory_entity* receiver = nullptr;
  const auto at = from.place(names_both(body), [&] { return find_both(from.who, body, receiver); });
  if (at.refused) return {at.refused, {}, nullptr};
  return command_upward(from, inbox_kind::reclaim, body, *at.found, *receiver);
}

caller_handler reclaim(service& with) {
  return command_route<allocate_credits>(with, read_reclaim, send_up);
}

} // namespace tessera::http
