#include "http/auth/credential.hpp"

#include "actors/support/sha256.hpp"
#include "http/auth/bearer.hpp"
#include "http/auth/cookies.hpp"
#include "http/auth/same_origin.hpp"
#include "http/auth/token_search.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::size_t longest_key = 128;

template <class... Cases> struct by_kind : Cases... { using Cases::operator()...; };
template <class... Cases> by_kind(Cases...) -> by_kind<Cases...>;

problem unauthorized(std::string detail) {
  auto p = simple_problem(401, "unauthorized", "Who are you?", std::move(detail));
  p.headers.emplace_back("WWW-Authenticate", "Bearer");
  return p;
}

/// The operator names the tenant, unless what is done is of none.
credential_search operators_own(const request& request, std::optional<act> what) {
  if (what && is_of_no_tenant(*what)) return {shown_operator_key{}, std::nullopt};
  const auto named = request.header("X-Tenant");
  if (named && is_valid_id(*named)) return {shown_operator_key{std::string(*named)}, std::nullopt};
  return {
      std::nullopt,
      simple_problem(
          400,
          "tenant_required",
          "Which tenant?",
          "The operator names it: send X-Tenant with the tenant's id."
      )};
}

token_search find_token(std::string_view shown, const request& from, const entrance_options& options) {
  return find_token(shown, from, {options.verifier, options.now(), options.calls, options.trusted_proxies});
}

/// What the browser keeps lets in as well, if one of our pages calls. Of another kind than our own access
/// tokens nothing is kept there.
credential_search without_bearer(const request& request, const entrance_options& options) {
  const auto cookie = find_cookie(request, access_cookie);
  if (!cookie.is_there)
    return {std::nullopt, unauthorized("Send an API key or an access token: Authorization: Bearer …")};
  if (auto foreign = why_cross_origin(request, options.public_base_url))
    return {std::nullopt, std::move(foreign)};
  auto token = find_token(cookie.value, request, options);
  if (token.refused) return {std::nullopt, std::move(token.refused)};
  if (token.found && !token.found->user.empty()) return {std::move(*token.found), std::nullopt};
  return {std::nullopt, unauthorized("The session cookie is not valid.")};
}

std::optional<identity> whose(const shown_key& shown, const directory_view& tenants, time_point now) {
  const auto known = tenants.find_key(shown.sha256);
  if (!known) return std::nullopt;
  identity found{known->tenant, authority::of(*known->key), std::nullopt};
  if (known->key->expires_at && *known->key->expires_at <= now)
    found.refused = unauthorized("The API key has expired.");
  return found;
}

std::optional<identity> whose(const access_token& shown, const directory_view& tenants, time_point) {
  auto tenant = tenants.find_tenant(shown.tenant);
  if (!tenant) return std::nullopt;
  const auto* user =
      shown.user.empty() ? tenant->find_user(shown.issuer, shown.subject) : tenant->find_user(shown.user);
  if (!user) return std::nullopt;
  // Of the second in which tokens_from was set an external token is over too: it may be the older one.
  const bool is_over = shown.issued_at < user->tokens_from || tenant->has_ended(shown.session);
  identity found{std::move(tenant), authority::of(*user), std::nullopt};
  if (is_over) found.refused = unauthorized("The session is over.");
  return found;
}

std::optional<identity> whose(const shown_operator_key& shown, const directory_view& tenants, time_point) {
  if (shown.tenant.empty()) return identity{nullptr, authority::of_operator(), std::nullopt};
  auto tenant = tenants.find_tenant_named(shown.tenant);
  if (!tenant) return std::nullopt;
  return identity{std::move(tenant), authority::of_operator(), std::nullopt};
}

} // namespace

credential_search
read_credential(const request& request, const entrance_options& options, std::optional<act> what) {
  const auto bearer = bearer_token(request);
  if (!bearer) return without_bearer(request, options);
  const bool is_key = bearer->starts_with("tsk_") && bearer->size() <= longest_key;
  // Digests are compared, so the time tells nothing about the key.
  if (is_key || options.operator_key_sha256) {
    const auto hash = sha256::local()(*bearer);
    if (hash == options.operator_key_sha256) return operators_own(request, what);
    if (is_key) return {shown_key{hash}, std::nullopt};
  }
  auto token = find_token(*bearer, request, options);
  if (token.refused) return {std::nullopt, std::move(token.refused)};
  if (token.found) return {std::move(*token.found), std::nullopt};
  return {std::nullopt, unauthorized("The key or token is not valid.")};
}

directory_question question_of(const credential& shown) {
  return std::visit(
      by_kind{
          [](const shown_key& key) {
            return directory_question{key.sha256, {}, {}};
          },
          [](const access_token& token) {
            return directory_question{{}, {}, token.tenant};
          },
          [](const shown_operator_key& key) {
            return directory_question{{}, key.tenant, {}};
          },
      },
      shown
  );
}

problem unknown_credential(const credential& shown) {
  if (std::holds_alternative<shown_operator_key>(shown))
    return simple_problem(404, "tenant_unknown", "There is no such tenant");
  return unauthorized("The key or token is not valid.");
}

std::optional<identity> identify(const credential& shown, const directory_view& tenants, time_point now) {
  return std::visit([&](const auto& one) { return whose(one, tenants, now); }, shown);
}

} // namespace tessera::http
