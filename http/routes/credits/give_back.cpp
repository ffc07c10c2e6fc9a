// POST /api/credits/return: credits go to the entity above, by whoever administers the one that gives them.
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/upward.hpp"

namespace tessera::http {

permitted<allocate_credits> read_give_back(call& from) {
  upward_body body;
  body.from = read_entity(from.fields, "fromEntityType", "fromEntityId");
  read_upward(from.fields, body, "fromEntityType");
  const auto at = from.place(act::give_back, body.from);
  if (at.refused) return {at.refused, {}, nullptr};
  const auto* above = from.who.tenant->tree.parent_of(*at.found); // there is one: it is no tenant
  return command_upward(from, inbox_kind::give_back, body, *at.found, *above);
}

caller_handler give_back(service& with) {
  return command_route<allocate_credits>(with, read_give_back, send_up);
}

} // namespace tessera::http
