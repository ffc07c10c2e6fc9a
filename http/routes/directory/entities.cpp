// POST /api/organizations and POST /api/locations: an entity and its account.
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

response render(const entity_created& made, std::string_view id_name) {
  response answer;
  answer.status = 201;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field(id_name, made.ref.id).end_object();
  return answer;
}

create_entity read_organization(json::object& fields, const caller& who) {
  create_entity command;
  command.ref.type = entity_type::organization;
  command.parent = {entity_type::tenant, who.tenant->id};
  if (const auto parent = fields.optional_string("parentId", id_rules))
    command.parent = {entity_type::organization, std::string(*parent)};
  return command;
}

create_entity read_location(json::object& fields, const caller&) {
  create_entity command;
  command.ref.type = entity_type::location;
  command.parent = {entity_type::organization, std::string(fields.string("organizationId", id_rules))};
  return command;
}

using read_kind = create_entity (*)(json::object&, const caller&);

caller_handler create_kind(service& with, read_kind read, std::string_view id_name) {
  return [&with, read, id_name](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    json::reader reader(request.body);
    auto fields = reader.object();
    auto command = read(fields, who);
    command.tenant = who.tenant->tenant;
    command.ref.id = fields.optional_string("id", id_rules).value_or("");
    command.name = fields.string("name", {.most = 200});
    if (const auto wrong = reader.refusal()) return refuse(*wrong);
    // A bound key makes entities below its own only.
    const auto parent = find_entity(who, command.parent);
    if (parent.refused) return refuse(*parent.refused);
    with.behind.create(command, [respond, refuse, id_name](const result<entity_created>& made) {
      made ? respond(render(*made, id_name)) : refuse(problem_of(made.why()));
    });
  };
}

} // namespace

caller_handler create_organization(service& with) {
  return create_kind(with, read_organization, "organizationId");
}
caller_handler create_location(service& with) {
  return create_kind(with, read_location, "locationId");
}

} // namespace tessera::http
