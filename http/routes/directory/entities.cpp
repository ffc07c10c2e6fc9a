// POST /api/organizations and POST /api/locations: an entity and its account.
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

kept_answer word_made_entity(const entity_created& made, std::string_view id_name) {
  kept_answer answer{201, {}, {}, false};
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

/// What organisations and locations differ in.
struct kind {
  std::string_view route_template;
  std::string_view id_name;
  create_entity (*read)(json::object&, const caller&);
};

/// The id as it was sent: one that is made here is not part of the command.
fingerprint print_of(const create_entity& command) {
  fingerprint print;
  print.add(command.ref.id).add(command.name);
  return print.add(to_string(command.parent.type)).add(command.parent.id);
}

caller_handler create_kind(service& with, kind made) {
  return [&with, made](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto fields = reader.object();
    auto command = made.read(fields, who);
    command.tenant = who.tenant->tenant;
    command.ref.id = fields.optional_string("id", id_rules).value_or("");
    command.name = fields.string("name", {.most = 200});
    const auto wrong = reader.refusal();
    if (wrong && (wrong->status == 400 || !is_valid_id(command.parent.id))) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    // A bound key makes entities below its own only.
    const auto parent = find_entity(who, act::edit_directory, command.parent);
    if (parent.refused) return refuse(*parent.refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const auto once = own_key(request, who, command.tenant, made.route_template, key, print_of(command));
    command.origin = origin_of(request, who);
    const auto word_id = [made](const entity_created& entity) {
      return word_made_entity(entity, made.id_name);
    };
    with.behind.change(
        repeatable<create_entity, entity_created>{command, once, word_id},
        [respond, refuse](const result<kept_answer>& told) {
          told ? respond(to_response(*told)) : refuse(problem_of(told.why()));
        }
    );
  };
}

} // namespace

caller_handler create_organization(service& with) {
  return create_kind(with, {"POST /api/organizations", "organizationId", read_organization});
}
caller_handler create_location(service& with) {
  return create_kind(with, {"POST /api/locations", "locationId", read_location});
}

} // namespace tessera::http
