#include "http/routes/directory/key_fields.hpp"

#include "http/routing/rejections.hpp"
#include "http/routing/versions.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr json::array_rules scope_rules{.least = 1, .most = 32};

/// A scope is the caller's to give where they may do one of the things that it is for. What nothing needs yet
/// is for those who have the whole tenant: nobody can tell how far it will reach.
bool may_give(const caller& who, scope wanted, const directory_entity* place) {
  const auto acts = all_acts();
  const auto may_do = [&](act each) {
    return scope_of(each) == wanted && may(who.rights, each, *who.tenant, place) == verdict::allowed;
  };
  return std::any_of(acts.begin(), acts.end(), may_do);
}

problem insufficient(std::string detail) {
  return simple_problem(403, "insufficient_role", "A key never exceeds its creator", std::move(detail));
}

} // namespace

std::optional<std::vector<std::string>> read_scopes(json::object& fields) {
  const auto items = fields.optional_array("scopes", scope_rules);
  if (!items) return std::nullopt;
  std::vector<std::string> scopes;
  for (const auto item : *items) {
    const auto text = item.string({.most = 64});
    if (!text.empty() && !parse_scope(text)) item.reject("unknown_scope", "There is no such scope.");
    if (std::find(scopes.begin(), scopes.end(), text) == scopes.end()) scopes.emplace_back(text);
  }
  std::sort(scopes.begin(), scopes.end());
  return scopes;
}

std::optional<std::optional<time_point>> read_expiry(json::object& fields) {
  if (fields.is_null("expiresAt")) return std::optional<time_point>();
  const auto us = fields.optional_time("expiresAt");
  return us ? std::optional(std::optional(from_microseconds(*us))) : std::nullopt;
}

std::optional<problem> why_not_give(
    const caller& who,
    const std::vector<std::string>& scopes,
    const directory_entity* bound_to,
    const std::string& application
) {
  if (who.rights.has_whole_tenant()) return std::nullopt;
  if (!bound_to) return insufficient("Bind it to an entity within your reach.");
  if (const auto refused = why_may_not(who, act::manage_keys, bound_to)) return refused;
  if (application.empty()) return insufficient("Bind it to one of your applications.");
  if (!may_use(who.rights, application))
    return simple_problem(403, "application_forbidden", "The application is not one of the caller's");
  for (const auto& text : scopes)
    if (const auto wanted = parse_scope(text); wanted && !may_give(who, *wanted, bound_to))
      return insufficient("You may not give " + text + ".");
  return std::nullopt;
}

void write_api_key(json::writer& out, const api_key_view& key) {
  out.field("keyId", key.id).field("name", key.name).key("scopes").begin_array();
  for (const auto& each : key.scopes)
    out.string(each);
  out.end_array().key("entityType");
  key.bound_to ? out.string(to_string(key.bound_ref.type)) : out.null();
  out.key("entityId");
  key.bound_to ? out.string(key.bound_ref.id) : out.null();
  out.key("application");
  key.application.empty() ? out.null() : out.string(key.application);
  const auto instant = [&](std::string_view name, const std::optional<time_point>& at) {
    out.key(name);
    at ? out.time(to_microseconds(*at)) : out.null();
  };
  instant("expiresAt", key.expires_at);
  instant("lastUsedAt", key.last_used_at);
  instant("createdAt", key.created_at);
}

kept_answer word_api_key(const api_key_view& key) {
  kept_answer answer{200, {}, etag_of(key.version), false};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_api_key(out, key);
  out.end_object();
  return answer;
}

} // namespace tessera::http
