#include "http/auth/operator.hpp"

#include "actors/support/sha256.hpp"
#include "http/routing/characters.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

constexpr std::string_view bearer = "Bearer ";

/// Digests are compared, so the time tells nothing about the key.
bool is_operator(const std::optional<digest>& key_sha256, const request& request) {
  const auto header = request.header("Authorization");
  if (!key_sha256 || !header || header->size() <= bearer.size()) return false;
  if (!equal_ignoring_case(header->substr(0, bearer.size()), bearer)) return false;
  return sha256::local()(header->substr(bearer.size())) == *key_sha256;
}

problem tenant_required() {
  return simple_problem(
      400, "tenant_required", "Which tenant?", "The operator names it: send X-Tenant with the tenant's id."
  );
}

/// Carries one request of the operator through, with a newer directory where tenant or name are not known.
class operator_entrance {
public:
  operator_entrance(gateway& behind, caller_handler handle) : behind_(behind), handle_(std::move(handle)) {}

  void enter(request& request, const responder& respond) const {
    const auto named = request.header("X-Tenant");
    if (!named || !is_valid_id(*named)) return respond(to_response(tenant_required(), request));
    const std::string id(*named);
    const auto known = behind_.tenants().find_tenant_named(id);
    if (known && run(known, caller::directory_age::any, request, respond)) return;
    behind_.refresh_directory({std::nullopt, id}, [this, id, &request, respond](bool reached) {
      const auto again = behind_.tenants().find_tenant_named(id);
      const auto age = reached ? caller::directory_age::just_refreshed : caller::directory_age::unreachable;
      if (again) return void(run(again, age, request, respond));
      const auto unknown = simple_problem(404, "tenant_unknown", "There is no such tenant");
      respond(to_response(reached ? unknown : problem_of(errc::database_unavailable), request));
    });
  }

private:
  /// False when a name was not known.
  bool
  run(const std::shared_ptr<const tenant_snapshot>& tenant,
      caller::directory_age age,
      request& request,
      const responder& respond) const {
    try {
      handle_(request, respond, caller{tenant, nullptr, {}, age});
      return true;
    } catch (const unknown_name&) {
      return false;
    }
  }

  gateway& behind_;
  caller_handler handle_;
};

} // namespace

handler authenticated_or_operator(
    gateway& behind, std::optional<digest> operator_key_sha256, scope needed, caller_handler handle
) {
  const auto door = std::make_shared<const operator_entrance>(behind, handle);
  return [operator_key_sha256, door, by_key = authenticated(behind, needed, std::move(handle))](
             request& request, const responder& respond
         ) {
    is_operator(operator_key_sha256, request) ? door->enter(request, respond) : by_key(request, respond);
  };
}

std::optional<problem> require_operator(const caller& who) {
  if (who.is_operator()) return std::nullopt;
  return simple_problem(
      403, "insufficient_role", "The key may not do this", "Packages are the operator's. A key has no role."
  );
}

} // namespace tessera::http
