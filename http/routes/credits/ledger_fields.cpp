#include "http/routes/credits/ledger_fields.hpp"

#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view every_application = "all";

/// A call sees the entries of its own application. All of them, or another one, are for whoever administers
/// the tenant (contract 2 `application isolation`).
std::optional<problem> judge_application(const caller& who, std::string_view asked) {
  if (asked == who.application) return std::nullopt;
  if (asked == every_application)
    return who.rights.has_whole_tenant() ? std::nullopt
                                         : std::optional(simple_problem(
                                               403,
                                               "application_forbidden",
                                               "The caller may not see all applications",
                                               "Only a tenant_admin may ask for application=all."
                                           ));
  if (!who.tenant->applications.contains(std::string(asked)))
    return judge_unknown(
        who, simple_problem(422, "unknown_application", "The tenant has no such application")
    );
  if (who.rights.has_whole_tenant()) return std::nullopt;
  return simple_problem(
      403,
      "application_forbidden",
      "The filter names another application",
      "A call sees the entries of its own application."
  );
}

/// The operator may come without an application, and sees them all then.
std::optional<problem>
set_applications(const caller& who, const std::optional<std::string_view>& asked, ledger_scope& into) {
  if (asked)
    if (auto wrong = judge_application(who, *asked)) return wrong;
  into.applications.every = asked ? *asked == every_application : who.application.empty();
  if (!into.applications.every) into.applications.named = {asked ? std::string(*asked) : who.application};
  into.entity_level = !asked || into.applications.every;
  return std::nullopt;
}

tree_parts whole_tree(const tenant_snapshot& in) {
  return in.tree.root() ? tree_parts{{in.tree.root()->account, true}} : tree_parts{};
}

} // namespace

ledger_fields read_ledger_fields(query_reader& query) {
  ledger_fields fields;
  read_entity_filter(query, fields.entity_type, fields.entity_id);
  fields.application = query.text("application", 64);
  fields.descendants = query.boolean("descendants").value_or(false);
  fields.from = query.time("from");
  fields.to = query.time("to");
  if (fields.from && fields.to && *fields.to <= *fields.from)
    query.reject("to", "invalid_parameter", "Must be later than from.");
  return fields;
}

ledger_scope find_ledger_part(const caller& who, const ledger_fields& fields) {
  ledger_scope scope;
  scope.part.tenant = who.tenant->tenant;
  if ((scope.refused = set_applications(who, fields.application, scope))) return scope;
  if (!fields.entity_type || !fields.entity_id) {
    const auto parts = readable_parts(who);
    scope.part.parts = parts ? *parts : whole_tree(*who.tenant);
    return scope;
  }
  entity_ref ref;
  if ((scope.refused = read_entity(*fields.entity_type, *fields.entity_id, ref))) return scope;
  auto at = find_entity(who, act::read_ledger, ref);
  scope.refused = std::move(at.refused);
  if (at.found) scope.part.parts = readable_parts_at(who, *at.found, fields.descendants);
  return scope;
}

std::optional<tree_parts> readable_parts(const caller& who) {
  auto readable = reach_of(who.rights, act::read_ledger, *who.tenant);
  return readable.whole ? std::nullopt : std::optional(std::move(readable.parts));
}

tree_parts readable_parts_at(const caller& who, const directory_entity& place, bool descendants) {
  if (!descendants) return {{place.account, false}};
  return reach_below(who.rights, act::read_ledger, *who.tenant, place).parts;
}

cursor_purpose& add_parts(cursor_purpose& purpose, const std::optional<tree_parts>& parts) {
  purpose.add(parts ? static_cast<std::int64_t>(parts->size()) : -1);
  for (const auto& part : parts.value_or(tree_parts{}))
    purpose.add(to_string(part.root)).add(std::int64_t{part.descendants});
  return purpose;
}

} // namespace tessera::http
