// PUT and DELETE /api/users/:id.
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/user_authority.hpp"
#include "http/routes/directory/user_json.hpp"
#include "http/routes/directory/visible_access.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view edit_user_template = "PUT /api/users/:id";
constexpr std::string_view remove_template = "DELETE /api/users/:id";

/// What a PUT says, before its entities are looked up.
struct user_edit {
  tessera::edit_user command;
  std::optional<std::vector<std::pair<entity_ref, entity_role>>> assignments;
};

std::optional<std::vector<std::pair<entity_ref, entity_role>>> read_assignments(json::object& fields) {
  const auto items =
      fields.optional_array("entityAssignments", {.most = 100, .code = "too_many_assignments"});
  if (!items) return std::nullopt;
  std::vector<std::pair<entity_ref, entity_role>> read;
  for (const auto item : *items) {
    auto each = item.object();
    auto ref = read_entity(each);
    const auto role = each.choice("role", {"viewer", "editor"});
    read.emplace_back(std::move(ref), static_cast<entity_role>(role + 1));
  }
  return read;
}

std::optional<std::vector<std::string>> read_applications(json::object& fields) {
  const auto items = fields.optional_array("applicationAccess", {.most = 100});
  if (!items) return std::nullopt;
  std::vector<std::string> read;
  for (const auto item : *items)
    if (std::string id(item.string(id_rules)); std::find(read.begin(), read.end(), id) == read.end())
      read.push_back(std::move(id));
  return read;
}

std::optional<problem> read_edit(const request& request, user_edit& into) {
  json::reader reader(request.body);
  auto fields = reader.object();
  if (const auto same = fields.optional_string("userId", id_rules); same && *same != into.command.id)
    fields.reject("userId", "invalid_value", "A user keeps their id.");
  if (const auto role =
          fields.optional_choice("role", {"user", "location_manager", "organization_admin", "tenant_admin"}))
    into.command.role = static_cast<user_role>(*role + 1);
  if (const auto status = fields.optional_choice("status", {"active", "disabled"}))
    into.command.active = *status == 0;
  into.assignments = read_assignments(fields);
  into.command.applications = read_applications(fields);
  return reader.refusal();
}

/// The entities that are named, each one that the tenant has.
std::optional<problem> look_up(user_edit& edit, const caller& who) {
  if (!edit.assignments) return std::nullopt;
  edit.command.assignments.emplace();
  for (const auto& [ref, role] : *edit.assignments) {
    if (!is_valid_id(ref.id)) continue;
    const auto* entity = who.tenant->find(ref);
    if (!entity) return judge_unknown(who, problem_of(errc::entity_unknown));
    if (const auto refused = why_may_not(who, act::manage_users, entity)) return refused;
    edit.command.assignments->push_back({entity->account, ref, role});
  }
  return std::nullopt;
}

fingerprint print_of(const user_edit& edit) {
  const auto& command = edit.command;
  fingerprint print;
  print.add(command.id).add(command.role ? to_string(*command.role) : "");
  print.add(command.active ? std::int64_t{*command.active} : -1);
  if (edit.assignments)
    for (const auto& [ref, role] : *edit.assignments)
      print.add("at").add(to_string(ref.type)).add(ref.id).add(to_string(role));
  print.add(std::int64_t{edit.assignments.has_value()});
  if (command.applications)
    for (const auto& each : *command.applications)
      print.add("for").add(each);
  print.add(std::int64_t{command.applications.has_value()});
  add_versions(print, command.only_versions);
  return print;
}

} // namespace

caller_handler edit_user(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    user_edit edit;
    auto& command = edit.command;
    command.tenant = who.tenant->tenant;
    command.id = request.parameters.front();
    command.only_versions = headers.only_versions;
    const auto wrong = read_edit(request, edit);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (const auto refused = look_up(edit, who)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    if (!is_valid_id(command.id)) return refuse(problem_of(errc::user_unknown));
    const auto once = own_key(request, who, command.tenant, edit_user_template, headers.key, print_of(edit));
    command.origin = origin_of(request, who);
    command.judge = [who, wanted = command](const user_view& before) {
      return judge_edit(who, before, wanted);
    };
    const auto word = [shows = visible_access_of(who)](const user_view& after) {
      return word_user(after, shows);
    };
    carry_out<tessera::edit_user, user_view>(with, {std::move(command), once, word}, respond, request);
  };
}

caller_handler remove_user(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    tessera::remove_user command;
    command.tenant = who.tenant->tenant;
    command.id = request.parameters.front();
    command.only_versions = headers.only_versions;
    if (!is_valid_id(command.id)) return refuse(problem_of(errc::user_unknown));
    fingerprint print;
    add_versions(print.add(command.id), command.only_versions);
    const auto once = own_key(request, who, command.tenant, remove_template, headers.key, print);
    command.origin = origin_of(request, who);
    command.judge = [who](const user_view& before) { return judge_present(who, before); };
    const auto word = [](const user_removed& gone) { return word_id("userId", gone.id); };
    carry_out<tessera::remove_user, user_removed>(with, {std::move(command), once, word}, respond, request);
  };
}

} // namespace tessera::http
