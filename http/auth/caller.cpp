#include "http/auth/caller.hpp"

#include "actors/support/sha256.hpp"
#include "http/routing/characters.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

problem unauthorized(std::string detail) {
  auto p = simple_problem(401, "unauthorized", "Who are you?", std::move(detail));
  p.headers.emplace_back("WWW-Authenticate", "Bearer");
  return p;
}

/// The bearer token, when it has the form of an API key.
std::optional<std::string_view> bearer_key(const request& request) {
  const auto header = request.header("Authorization");
  if (!header || header->size() < 8 || !equal_ignoring_case(header->substr(0, 7), "Bearer "))
    return std::nullopt;
  const auto token = header->substr(7);
  return token.starts_with("tsk_") && token.size() <= 128 ? std::optional(token) : std::nullopt;
}

bool is_over(const api_key& key) {
  return key.expires_at && *key.expires_at <= std::chrono::system_clock::now();
}

void enter(
    const authenticated_key& known,
    scope needed,
    const caller_handler& handle,
    request& request,
    responder respond
) {
  if (is_over(*known.key)) return respond(to_response(unauthorized("The API key has expired."), request));
  if (!known.key->may(needed))
    return respond(to_response(
        simple_problem(
            403,
            "insufficient_scope",
            "The key may not do this",
            "Needs the scope " + std::string(to_string(needed)) + "."
        ),
        request
    ));
  handle(request, std::move(respond), caller{known.tenant, known.key, {}});
}

} // namespace

handler authenticated(gateway& behind, scope needed, caller_handler handle) {
  return [&behind, needed, handle = std::move(handle)](request& request, responder respond) {
    const auto key = bearer_key(request);
    if (!key)
      return respond(to_response(unauthorized("Send an API key: Authorization: Bearer tsk_…"), request));
    const auto hash = sha256::local()(*key);
    if (const auto known = behind.tenants().find_key(hash))
      return enter(*known, needed, handle, request, std::move(respond));
    behind.refresh_directory(hash, [&behind, hash, needed, handle, &request, respond](bool reached) {
      if (const auto known = behind.tenants().find_key(hash))
        return enter(*known, needed, handle, request, respond);
      const auto why = reached ? unauthorized("The API key is not valid.") : problem_of(errc::database_unavailable);
      respond(to_response(why, request));
    });
  };
}

std::optional<problem> find_application(const request& request, caller& who) {
  const auto named = request.header("X-Application");
  const auto& bound = who.key->application;
  if (!named && bound.empty())
    return simple_problem(400, "application_required", "Which application calls?", "Send X-Application.");
  who.application = named ? std::string(*named) : bound;
  if (!who.tenant->applications.contains(who.application))
    return simple_problem(422, "unknown_application", "The tenant has no such application");
  if (!bound.empty() && who.application != bound)
    return simple_problem(403, "application_forbidden", "The key belongs to another application");
  return std::nullopt;
}

problem unknown_entity(bool reached_database) {
  return problem_of(reached_database ? errc::entity_unknown : errc::database_unavailable);
}

entity_search search(const caller& who, const tenant_snapshot& tree, const entity_ref& ref) {
  const auto* entity = tree.find(ref);
  if (!entity)
    return {};
  if (who.key->bound_to && !tree.covers(*who.key->bound_to, *entity))
    return {nullptr, simple_problem(403, "entity_out_of_scope", "The key may not touch this entity")};
  return {entity, std::nullopt};
}

} // namespace tessera::http
