// PUT and DELETE /api/applications/:id.
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/entity_json.hpp"
#include "http/routes/directory/own_applications.hpp"

namespace tessera::http {

namespace {

constexpr std::string_view edit_application_template = "PUT /api/applications/:id";
constexpr std::string_view delete_template = "DELETE /api/applications/:id";

/// Applications are the whole tenant's, and of those a caller changes their own only.
std::optional<problem> why_not(const request& request, caller& who) {
  if (auto foreign = check_application(request, who)) return foreign;
  if (auto refused = why_may_not(who, act::edit_applications, who.tenant->tree.root())) return refused;
  return why_not_own(who, request.parameters.front());
}

std::optional<problem> read_edit(const request& request, tessera::edit_application& into) {
  json::reader reader(request.body);
  auto fields = reader.object();
  if (const auto same = fields.optional_string("applicationId", id_rules); same && *same != into.id)
    fields.reject("applicationId", "invalid_value", "An application keeps its id.");
  if (const auto name = fields.optional_string("name", {.most = 200})) into.name = *name;
  return reader.refusal();
}

} // namespace

caller_handler edit_application(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    tessera::edit_application command;
    command.tenant = who.tenant->tenant;
    command.id = request.parameters.front();
    command.only_versions = headers.only_versions;
    const auto wrong = read_edit(request, command);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto refused = why_not(request, who)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    if (!is_valid_id(command.id)) return refuse(application_problem(errc::application_unknown));
    fingerprint print;
    add_versions(print.add(command.id).add(command.name.value_or("")), command.only_versions);
    const auto once = own_key(request, who, command.tenant, edit_application_template, headers.key, print);
    command.origin = origin_of(request, who);
    carry_out<tessera::edit_application, application_view>(
        with, {std::move(command), once, word_application}, respond, request, application_problem
    );
  };
}

caller_handler delete_application(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    if (const auto refused = why_not(request, who)) return refuse(*refused);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    tessera::delete_application command;
    command.tenant = who.tenant->tenant;
    command.id = request.parameters.front();
    command.only_versions = headers.only_versions;
    if (!is_valid_id(command.id)) return refuse(application_problem(errc::application_unknown));
    fingerprint print;
    add_versions(print.add(command.id), command.only_versions);
    const auto once = own_key(request, who, command.tenant, delete_template, headers.key, print);
    command.origin = origin_of(request, who);
    const auto word = [](const application_deleted& gone) { return word_id("applicationId", gone.id); };
    carry_out<tessera::delete_application, application_deleted>(
        with, {std::move(command), once, word}, respond, request, application_problem
    );
  };
}

} // namespace tessera::http
