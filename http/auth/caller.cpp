#include "http/auth/caller.hpp"

#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

problem out_of_scope(const caller& who) {
  return simple_problem(
      403,
      "entity_out_of_scope",
      who.rights.key() ? "The key may not touch this entity" : "The entity is not within the caller's reach"
  );
}

problem forbidden(const caller& who, act what) {
  if (!who.rights.key()) return simple_problem(403, "insufficient_role", "The caller's role may not do this");
  const auto needed = scope_of(what);
  if (!needed)
    return simple_problem(403, "insufficient_role", "The key may not do this", "A key has no admin role.");
  return simple_problem(
      403,
      "insufficient_scope",
      "The key may not do this",
      "Needs the scope " + std::string(to_string(*needed)) + "."
  );
}

} // namespace

principal caller::as_principal() const {
  if (const auto* key = rights.key()) return {principal_kind::api_key, key->id, application};
  if (const auto* user = rights.user()) return {principal_kind::user, user->id, application};
  return {principal_kind::operator_key, {}, application};
}

problem judge_unknown(const caller& who, problem otherwise) {
  if (who.directory == caller::directory_age::any) throw unknown_name{};
  return who.directory == caller::directory_age::unreachable ? problem_of(errc::database_unavailable)
                                                             : std::move(otherwise);
}

std::optional<problem> find_application(const request& request, caller& who) {
  const auto named = request.header("X-Application");
  const auto bound = who.rights.key() ? who.rights.key()->application : std::string();
  if (!named && who.is_operator()) return std::nullopt;
  if (!named && bound.empty())
    return simple_problem(400, "application_required", "Which application calls?", "Send X-Application.");
  who.application = named ? std::string(*named) : bound;
  if (!who.tenant->applications.contains(who.application))
    return judge_unknown(
        who, simple_problem(422, "unknown_application", "The tenant has no such application")
    );
  if (!may_use(who.rights, who.application))
    return simple_problem(
        403,
        "application_forbidden",
        who.rights.key() ? "The key belongs to another application"
                         : "The application is not one of the caller's"
    );
  return std::nullopt;
}

std::optional<problem> why_may_not(const caller& who, act what, const directory_entity* place) {
  // Nobody but the operator comes without a tenant, and only for what is of none.
  static const tenant_snapshot none;
  switch (may(who.rights, what, who.tenant ? *who.tenant : none, place)) {
  case verdict::allowed: break;
  case verdict::forbidden: return forbidden(who, what);
  case verdict::out_of_scope: return out_of_scope(who);
  }
  return std::nullopt;
}

entity_search find_entity(const caller& who, act what, const entity_ref& ref) {
  const auto* entity = who.tenant->find(ref);
  if (!entity) return {nullptr, judge_unknown(who, problem_of(errc::entity_unknown))};
  if (auto refused = why_may_not(who, what, entity)) return {nullptr, std::move(refused)};
  return {entity, std::nullopt};
}

} // namespace tessera::http
