#include "http/routes/directory/user_json.hpp"

#include "http/routing/versions.hpp"

namespace tessera::http {

namespace {

void text_or_null(json::writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  text.empty() ? out.null() : out.string(text);
}

void write_assignments(json::writer& out, const user_view& user, const visible_access& shows) {
  out.key("entityAssignments").begin_array();
  for (const auto& each : user.assignments) {
    if (!shows.assignments(each)) continue;
    out.begin_object().field("entityType", to_string(each.ref.type)).field("entityId", each.ref.id);
    out.field("role", to_string(each.role)).end_object();
  }
  out.end_array();
}

} // namespace

void write_user(json::writer& out, const user_view& user, const visible_access& shows) {
  out.field("userId", user.id).field("email", user.email).field("emailVerified", user.email_verified);
  out.field("firstName", user.first_name).field("lastName", user.last_name);
  out.field("role", to_string(user.role)).field("status", user.active ? "active" : "disabled");
  write_assignments(out, user, shows);
  out.key("applicationAccess").begin_array();
  for (const auto& each : user.applications)
    if (shows.applications(each)) out.string(each);
  out.end_array();
  text_or_null(out, "timezone", user.timezone);
  text_or_null(out, "language", user.language);
  out.key("createdAt").time(to_microseconds(user.created_at));
}

kept_answer word_user(const user_view& user, const visible_access& shows) {
  kept_answer answer{200, {}, etag_of(user.version), false, user.id};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_user(out, user, shows);
  out.end_object();
  return answer;
}

} // namespace tessera::http
