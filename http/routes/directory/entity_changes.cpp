// PUT and DELETE /api/organizations/:id and /api/locations/:id.
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/entity_json.hpp"
#include "http/routing/query.hpp"

namespace tessera::http {

namespace {

std::string template_of(std::string_view method, const entity_kind& kind) {
  return std::string(method) + " /api/" + std::string(kind.path) + "/:id";
}

/// `parentId: null` is the tenant; a location has an organisation above it.
std::optional<entity_ref> read_parent(json::object& fields, const entity_kind& kind, const caller& who) {
  if (kind.type == entity_type::organization && fields.is_null(kind.up_name))
    return entity_ref{entity_type::tenant, who.tenant->id};
  const auto id = fields.optional_string(kind.up_name, id_rules);
  return id ? std::optional(entity_ref{entity_type::organization, std::string(*id)}) : std::nullopt;
}

std::optional<problem>
read_edit(const request& request, const entity_kind& kind, const caller& who, tessera::edit_entity& into) {
  json::reader reader(request.body);
  auto fields = reader.object();
  if (const auto same = fields.optional_string(kind.id_name, id_rules); same && *same != into.ref.id)
    fields.reject(kind.id_name, "invalid_value", "An entity keeps its id.");
  if (const auto name = fields.optional_string("name", {.most = 200})) into.name = *name;
  into.parent = read_parent(fields, kind, who);
  return reader.refusal();
}

/// Whoever takes an entity out of its place, or puts it into one, has authority over that place.
std::optional<problem> why_not_above(const caller& who, const directory_entity& entity) {
  return why_may_not(who, act::edit_directory, who.tenant->tree.parent_of(entity));
}

/// The same of the place where the entity is found when it leaves: it may be another one by then.
judgement<entity_view> judge_above(const caller& who) {
  return [who](const entity_view& entity) -> rejection {
    const auto* above = who.tenant->find(entity.parent);
    // Of a place that the snapshot does not have yet it is known that it is in the tenant.
    const auto* place = above ? above : who.tenant->tree.root();
    const bool allowed = may(who.rights, act::edit_directory, *who.tenant, place) == verdict::allowed;
    return allowed ? rejection() : rejection(errc::entity_out_of_scope);
  };
}

std::optional<problem>
why_not_move(const caller& who, const directory_entity& entity, const tessera::edit_entity& command) {
  if (!command.parent || !is_valid_id(command.parent->id)) return std::nullopt;
  const auto parent = find_entity(who, act::edit_directory, *command.parent);
  if (parent.refused) return parent.refused;
  const auto* now = who.tenant->tree.parent_of(entity);
  return now == parent.found ? std::nullopt : why_not_above(who, entity);
}

fingerprint print_of(const tessera::edit_entity& command) {
  fingerprint print;
  print.add(command.ref.id).add(command.name ? "name" : "").add(command.name.value_or(""));
  if (command.parent) print.add(to_string(command.parent->type)).add(command.parent->id);
  add_versions(print, command.only_versions);
  return print;
}

caller_handler edit_kind(service& with, const entity_kind& kind) {
  return [&with,
          &kind,
          route_template = template_of("PUT", kind)](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    tessera::edit_entity command;
    command.tenant = who.tenant->tenant;
    command.ref = {kind.type, std::string(request.parameters.front())};
    command.only_versions = headers.only_versions;
    const auto wrong = read_edit(request, kind, who, command);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    const auto at = find_entity(who, act::edit_directory, command.ref);
    if (at.refused) return refuse(*at.refused);
    if (const auto refused = why_not_move(who, *at.found, command)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    command.origin = origin_of(request, who);
    command.judge = judge_above(who);
    const auto once = own_key(request, who, command.tenant, route_template, headers.key, print_of(command));
    carry_out<tessera::edit_entity, entity_view>(
        with, {std::move(command), once, word_entity}, respond, request
    );
  };
}

/// `returnTo=parent`: what it has free goes to the entity above first.
bool read_return(const request& request, std::optional<problem>& wrong) {
  query_reader query(request.query);
  const bool returns = query.choice("returnTo", {"parent"}).has_value();
  wrong = query.refusal();
  return returns;
}

/// Whoever has credits sent up may call them back there.
std::optional<problem> why_not_return(const caller& who, const directory_entity& entity) {
  return why_may_not(who, act::allocate, who.tenant->tree.parent_of(entity));
}

/// Deletes it, and has its credits go up before.
void remove(
    service& with,
    repeatable<tessera::delete_entity, entity_deleted> call,
    const gateway::way_up& way,
    const responder& respond,
    const request& request
) {
  with.behind.remove(std::move(call), way, [respond, &request](const result<kept_answer>& told) {
    respond(told ? to_response(*told) : to_response(problem_of(told.why()), request));
  });
}

caller_handler delete_kind(service& with, const entity_kind& kind) {
  return [&with,
          &kind,
          route_template = template_of("DELETE", kind)](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    tessera::delete_entity command;
    command.tenant = who.tenant->tenant;
    command.ref = {kind.type, std::string(request.parameters.front())};
    command.only_versions = headers.only_versions;
    std::optional<problem> wrong_query;
    const bool returns = read_return(request, wrong_query);
    fingerprint print;
    add_versions(print.add(command.ref.id), command.only_versions);
    if (returns) print.add("returnTo").add("parent");
    const auto once = own_key(request, who, command.tenant, route_template, headers.key, print);
    const auto at = find_entity(who, act::edit_directory, command.ref);
    if (at.refused) return answer_gone(with, command.tenant, once, respond, request, *at.refused);
    if (const auto refused = why_not_above(who, *at.found)) return refuse(*refused);
    if (returns)
      if (const auto refused = why_not_return(who, *at.found)) return refuse(*refused);
    if (wrong_query) return refuse(*wrong_query);
    command.origin = origin_of(request, who);
    command.judge = judge_above(who);
    const auto word = [&kind](const entity_deleted& gone) { return word_id(kind.id_name, gone.ref.id); };
    repeatable<tessera::delete_entity, entity_deleted> call{std::move(command), once, word};
    if (!returns)
      return carry_out<tessera::delete_entity, entity_deleted>(with, std::move(call), respond, request);
    const auto* above = who.tenant->tree.parent_of(*at.found);
    remove(with, std::move(call), {at.found->account, above->account}, respond, request);
  };
}

} // namespace

caller_handler edit_organization(service& with) {
  return edit_kind(with, organizations_kind);
}
caller_handler edit_location(service& with) {
  return edit_kind(with, locations_kind);
}
caller_handler delete_organization(service& with) {
  return delete_kind(with, organizations_kind);
}
caller_handler delete_location(service& with) {
  return delete_kind(with, locations_kind);
}

} // namespace tessera::http
