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

std::optional<problem> why_not(const api_key& key, scope needed) {
  if (is_over(key)) return unauthorized("The API key has expired.");
  if (!key.may(needed))
    return simple_problem(
        403,
        "insufficient_scope",
        "The key may not do this",
        "Needs the scope " + std::string(to_string(needed)) + "."
    );
  return std::nullopt;
}

/// Carries one request through: authenticates, runs the route, and once more with a newer directory where a
/// key or a name was not known.
class entrance {
public:
  entrance(gateway& behind, scope needed, const caller_handler& handle)
      : behind_(behind), needed_(needed), handle_(handle) {}

  void enter(request& request, const responder& respond) const {
    const auto key = bearer_key(request);
    if (!key)
      return respond(to_response(unauthorized("Send an API key: Authorization: Bearer tsk_…"), request));
    const auto hash = sha256::local()(*key);
    const auto known = behind_.tenants().find_key(hash);
    if (known && run(*known, caller::directory_age::any, request, respond)) return;
    behind_.refresh_directory({hash, {}}, [this, hash, &request, respond](bool reached) {
      const auto again = behind_.tenants().find_key(hash);
      if (!again)
        return respond(to_response(
            reached ? unauthorized("The API key is not valid.") : problem_of(errc::database_unavailable),
            request
        ));
      run(*again,
          reached ? caller::directory_age::just_refreshed : caller::directory_age::unreachable,
          request,
          respond);
    });
  }

private:
  /// False when a name was not known.
  bool
  run(const authenticated_key& known, caller::directory_age age, request& request, const responder& respond
  ) const {
    if (const auto refused = why_not(*known.key, needed_)) {
      respond(to_response(*refused, request));
      return true;
    }
    try {
      handle_(request, respond, caller{known.tenant, known.key, {}, age});
      return true;
    } catch (const unknown_name&) {
      return false;
    }
  }

  gateway& behind_;
  scope needed_;
  const caller_handler& handle_;
};

} // namespace

handler authenticated(gateway& behind, scope needed, caller_handler handle) {
  const auto kept = std::make_shared<const caller_handler>(std::move(handle));
  const auto door = std::make_shared<const entrance>(behind, needed, *kept);
  return [kept, door](request& request, const responder& respond) { door->enter(request, respond); };
}

problem judge_unknown(const caller& who, problem otherwise) {
  if (who.directory == caller::directory_age::any) throw unknown_name{};
  return who.directory == caller::directory_age::unreachable ? problem_of(errc::database_unavailable)
                                                             : std::move(otherwise);
}

std::optional<problem> find_application(const request& request, caller& who) {
  const auto named = request.header("X-Application");
  const auto bound = who.key ? who.key->application : std::string();
  if (!named && who.is_operator()) return std::nullopt;
  if (!named && bound.empty())
    return simple_problem(400, "application_required", "Which application calls?", "Send X-Application.");
  who.application = named ? std::string(*named) : bound;
  if (!who.tenant->applications.contains(who.application))
    return judge_unknown(
        who, simple_problem(422, "unknown_application", "The tenant has no such application")
    );
  if (!bound.empty() && who.application != bound)
    return simple_problem(403, "application_forbidden", "The key belongs to another application");
  return std::nullopt;
}

entity_search find_entity(const caller& who, const entity_ref& ref) {
  const auto* entity = who.tenant->find(ref);
  if (!entity) return {nullptr, judge_unknown(who, problem_of(errc::entity_unknown))};
  if (const auto bound = who.bound_to(); bound && !who.tenant->covers(*bound, *entity))
    return {nullptr, simple_problem(403, "entity_out_of_scope", "The key may not touch this entity")};
  return {entity, std::nullopt};
}

} // namespace tessera::http
