// POST /api/credits/packages, PUT and DELETE /api/credits/packages/:id: the operator's, or the tenant's own
// where its policy says so (decisions 0019, 0025).
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/package_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"
#include "http/routing/versions.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view create_package_template = "POST /api/credits/packages";
constexpr std::string_view edit_package_template = "PUT /api/credits/packages/:id";
constexpr std::string_view end_package_template = "DELETE /api/credits/packages/:id";

/// Application and authority, in the order of checks.
std::optional<problem> why_not(const request& request, caller& who) {
  if (auto missing = find_application(request, who)) return missing;
  return why_may_not(who, act::edit_packages);
}

tessera::create_package read_new(json::object fields) {
  tessera::create_package command;
  command.package_id = fields.string("packageId", id_rules);
  auto& terms = command.terms = read_terms(fields);
  for (const auto* required : {"credits", "validityDays"})
    fields.need(required);
  if (!fields.has("price") && !terms.price_minor) fields.reject("price", "required", "Is missing.");
  if (!terms.name) terms.name = command.package_id;
  if (!terms.currency) terms.currency = "USD";
  return command;
}

package_terms read_edit(json::object fields, std::string_view id) {
  if (const auto same = fields.optional_string("packageId", id_rules); same && *same != id)
    fields.reject("packageId", "invalid_value", "A package keeps its id.");
  return read_terms(fields);
}

template <class Command> void carry_out(
    service& with, repeatable<Command, credit_package> call, const responder& respond, const request& request
) {
  with.behind.change(std::move(call), [respond, &request](const result<kept_answer>& told) {
    respond(told ? to_response(*told) : to_response(package_problem(told.why()), request));
  });
}

kept_answer word_made(const credit_package& made) {
  return word_package(made, 201);
}
kept_answer word_edited(const credit_package& after) {
  return word_package(after, 200);
}

fingerprint print_of(const tessera::edit_package& command) {
  fingerprint print;
  print.add(command.package_id);
  add_terms(print, command.terms);
  if (command.only_versions)
    for (const auto version : *command.only_versions)
      print.add("version").add(version);
  return print;
}

} // namespace

caller_handler create_package(service& with) {
  return [&with, list = packages(with)](request& request, responder respond, caller who) {
    // The brief's route table lists with POST.
    if (request.body.empty()) return list(request, respond, std::move(who));
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto command = read_new(reader.object());
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto refused = why_not(request, who)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    command.tenant = who.tenant->tenant;
    fingerprint print;
    print.add(command.package_id).add(who.application);
    add_terms(print, command.terms);
    const auto once = optional_key(command.tenant, create_package_template, key, print);
    carry_out<tessera::create_package>(with, {std::move(command), once, word_made}, respond, request);
  };
}

namespace {

/// What PUT and DELETE have in common: `read` finds out how the package is to be changed.
template <class Read> caller_handler change_of(service& with, std::string_view route_template, Read read) {
  return [&with, route_template, read](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    const auto id = request.parameters.front();
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    tessera::edit_package command;
    if (const auto wrong = read_if_match(request, command.only_versions)) return refuse(*wrong);
    const auto wrong = read(request, command.terms);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto refused = why_not(request, who)) return refuse(*refused);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    if (!is_valid_id(id)) return refuse(problem_of(errc::package_unknown));
    command.tenant = who.tenant->tenant;
    command.package_id = id;
    const auto once =
        optional_key(command.tenant, route_template, key, print_of(command).add(who.application));
    carry_out<tessera::edit_package>(with, {std::move(command), once, word_edited}, respond, request);
  };
}

} // namespace

caller_handler edit_package(service& with) {
  return change_of(with, edit_package_template, [](const request& request, package_terms& into) {
    json::reader reader(request.body);
    into = read_edit(reader.object(), request.parameters.front());
    return reader.refusal();
  });
}

/// Takes it from sale; what was bought stays bought, and PUT with `active:true` brings it back.
caller_handler end_package(service& with) {
  return change_of(
      with,
      end_package_template,
      [](const request&, package_terms& into) -> std::optional<problem> {
        into.active = false;
        return std::nullopt;
      }
  );
}

} // namespace tessera::http
