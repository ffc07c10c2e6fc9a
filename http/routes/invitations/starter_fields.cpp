#include "http/routes/invitations/starter_fields.hpp"

#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace tessera::http {

std::optional<wanted_starter> read_starter(json::object& fields, const wanted_grant& grants) {
  auto inner = fields.optional_object("starterCredits");
  if (!inner) return std::nullopt;
  wanted_starter wanted;
  wanted.from = read_entity(*inner, "fromEntityType", "fromEntityId");
  wanted.to = read_entity(*inner, "toEntityType", "toEntityId");
  wanted.amount = credits{inner->integer("credits", amount_rules)};
  if (wanted.to.id.empty() || !grants.assignments) return wanted;
  if (wanted.to == wanted.from)
    inner->reject("toEntityId", "same_entity", "An entity does not allocate to itself.");
  const auto is_given = [&](const auto& each) { return each.first == wanted.to; };
  if (std::ranges::none_of(*grants.assignments, is_given))
    inner->reject("toEntityId", "invalid_assignments", "Starter credits go to one of entityAssignments.");
  return wanted;
}

void add(fingerprint& print, const std::optional<wanted_starter>& wanted) {
  if (!wanted) return;
  print.add("starter").add(to_string(wanted->from.type)).add(wanted->from.id);
  print.add(to_string(wanted->to.type)).add(wanted->to.id).add(wanted->amount.value());
}

std::optional<problem> find_starter(
    const caller& who, const std::optional<wanted_starter>& wanted, std::optional<starter_credits>& into
) {
  if (!wanted || !is_valid_id(wanted->from.id) || !is_valid_id(wanted->to.id)) return std::nullopt;
  auto from = find_entity(who, act::allocate, wanted->from);
  if (from.refused) return std::move(from.refused);
  auto to = find_entity(who, act::allocate, wanted->to);
  if (to.refused) return std::move(to.refused);
  if (wanted->from != wanted->to && !who.tenant->covers(from.found->account, *to.found))
    return simple_problem(
        403,
        "not_in_subtree",
        "The receiver is not below the source",
        std::string(to_string(wanted->to.type)) + " " + wanted->to.id + "."
    );
  into = starter_credits{from.found->account, wanted->from, to.found->account, wanted->to, wanted->amount};
  return std::nullopt;
}

void write_starter(json::writer& out, const std::optional<starter_credits_view>& starter) {
  out.key("starterCredits");
  if (!starter) {
    out.null();
    return;
  }
  const auto& what = starter->what;
  out.begin_object().field("fromEntityType", to_string(what.from_ref.type));
  out.field("fromEntityId", what.from_ref.id).field("toEntityType", to_string(what.to_ref.type));
  out.field("toEntityId", what.to_ref.id).field("credits", what.amount.value());
  out.field("state", to_string(starter->state)).field("creditsMoved", starter->moved.value()).end_object();
}

} // namespace tessera::http
