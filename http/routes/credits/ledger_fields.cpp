#include "http/routes/credits/ledger_fields.hpp"

#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

constexpr std::string_view every_application = "all";

/// A key has no admin role, so it sees its own application only (contract 2 `application isolation`).
std::optional<problem> judge_application(const caller& who, const ledger_fields& fields) {
  if (!fields.application || *fields.application == who.application) return std::nullopt;
  if (*fields.application == every_application)
    return simple_problem(
        403,
        "application_forbidden",
        "The key may not see all applications",
        "Only a tenant_admin may ask for application=all."
    );
  if (!who.tenant->applications.contains(std::string(*fields.application)))
    return judge_unknown(
        who, simple_problem(422, "unknown_application", "The tenant has no such application")
    );
  return simple_problem(
      403,
      "application_forbidden",
      "The filter names another application",
      "A call sees the entries of its own application."
  );
}

/// What the caller may see at all: what its key is bound to, else the tenant.
account_id visible_root(const caller& who) {
  if (who.key->bound_to) return *who.key->bound_to;
  const auto* tenant = who.tenant->find({entity_type::tenant, who.tenant->id});
  return tenant ? tenant->account : account_id{};
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
  if (auto wrong = judge_application(who, fields)) return {{}, std::move(wrong)};
  if (!fields.entity_type || !fields.entity_id)
    return {{who.tenant->tenant, visible_root(who), true}, std::nullopt};
  entity_ref ref;
  if (auto wrong = read_entity(*fields.entity_type, *fields.entity_id, ref)) return {{}, std::move(wrong)};
  auto at = find_entity(who, ref);
  if (at.refused) return {{}, std::move(at.refused)};
  return {{who.tenant->tenant, at.found->account, fields.descendants}, std::nullopt};
}

} // namespace tessera::http
