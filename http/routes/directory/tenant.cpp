// GET and PUT /api/tenant, and the operator's /api/tenants/:id.
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/directory/tenant_fields.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view own_template = "PUT /api/tenant";
constexpr std::string_view edit_tenant_template = "PUT /api/tenants/:id";

/// Finds the tenant that the path names; once more in a newer directory when it is not known.
using with_tenant = std::function<void(const tenant_id&)>;
void at_named(
    service& with, const std::string& id, request& request, const responder& respond, const with_tenant& then
) {
  const auto known = is_valid_id(id) ? with.behind.tenants().find_tenant_named(id) : nullptr;
  if (known) return then(known->tenant);
  if (!is_valid_id(id)) return respond(to_response(problem_of(errc::tenant_unknown), request));
  with.behind.refresh_directory({std::nullopt, id, {}}, [&with, id, &request, respond, then](bool reached) {
    const auto again = with.behind.tenants().find_tenant_named(id);
    if (again) return then(again->tenant);
    respond(to_response(problem_of(reached ? errc::tenant_unknown : errc::database_unavailable), request));
  });
}

void answer_with(service& with, const tenant_id& tenant, const responder& respond, const request& request) {
  with.behind.find(tenant_query{tenant}, [respond, &request](const result<tenant_view>& found) {
    respond(found ? to_response(word_tenant(*found)) : to_response(problem_of(found.why()), request));
  });
}

/// A PUT that has been read: what it says, and under which key.
struct read_put {
  tessera::edit_tenant command;
  std::string_view key;
  fingerprint print;
};

/// What it says is what makes two edits the same, however it is written.
std::optional<problem> read(const request& request, caller& who, const std::string& id, read_put& into) {
  change_headers headers;
  if (auto wrong = read_change(request, headers)) return wrong;
  into.key = headers.key;
  into.command.only_versions = headers.only_versions;
  json::reader reader(request.body);
  auto fields = reader.object();
  if (const auto same = fields.optional_string("tenantId", id_rules); same && *same != id)
    fields.reject("tenantId", "invalid_value", "A tenant keeps its id.");
  auto edit = read_tenant_edit(fields);
  auto wrong = reader.refusal();
  if (wrong && wrong->status == 400) return wrong;
  if (auto foreign = check_application(request, who)) return foreign;
  if (wrong) return wrong;
  if (auto unknown = wrong_query(request)) return unknown;
  add_versions(into.print.add(id).add(edit.said.text()), into.command.only_versions);
  into.command.change = [edit = std::move(edit), by_operator = who.is_operator()](const tenant_view& before) {
    return apply(edit, before, by_operator);
  };
  into.command.origin = origin_of(request, who);
  return std::nullopt;
}

void change(
    service& with,
    read_put put,
    std::string_view route_template,
    const tenant_id& tenant,
    const caller& who,
    const responder& respond,
    const request& request
) {
  put.command.tenant = tenant;
  const auto once = own_key(request, who, tenant, route_template, put.key, put.print);
  carry_out<tessera::edit_tenant, tenant_view>(
      with, {std::move(put.command), once, word_tenant}, respond, request
  );
}

} // namespace

caller_handler own_tenant(service& with) {
  return [&with](request& request, responder respond, caller who) {
    // A key that is bound to an entity has nothing to do with the tenant.
    if (who.bound_to())
      if (const auto refused = why_may_not(who, act::read_tenant, who.tenant->tree.root()))
        return respond(to_response(*refused, request));
    if (const auto wrong = wrong_query(request)) return respond(to_response(*wrong, request));
    answer_with(with, who.tenant->tenant, respond, request);
  };
}

caller_handler edit_own_tenant(service& with) {
  return [&with](request& request, responder respond, caller who) {
    read_put put;
    if (const auto wrong = read(request, who, who.tenant->id, put))
      return respond(to_response(*wrong, request));
    change(with, std::move(put), own_template, who.tenant->tenant, who, respond, request);
  };
}

caller_handler one_tenant(service& with) {
  return [&with](request& request, responder respond, caller) {
    if (const auto wrong = wrong_query(request)) return respond(to_response(*wrong, request));
    const std::string id(request.parameters.front());
    at_named(with, id, request, respond, [&with, respond, &request](const tenant_id& tenant) {
      answer_with(with, tenant, respond, request);
    });
  };
}

caller_handler edit_tenant(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const std::string id(request.parameters.front());
    read_put put;
    if (const auto wrong = read(request, who, id, put)) return respond(to_response(*wrong, request));
    at_named(with, id, request, respond, [&with, put, who, respond, &request](const tenant_id& tenant) {
      change(with, put, edit_tenant_template, tenant, who, respond, request);
    });
  };
}

} // namespace tessera::http
