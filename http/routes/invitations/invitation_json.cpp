#include "http/routes/invitations/invitation_json.hpp"

#include "actors/support/invitation_token.hpp"
#include "http/auth/idempotency.hpp"
#include "http/auth/limits/rate_headers.hpp"
#include "http/routes/invitations/starter_fields.hpp"
#include "http/routing/invitation_problem.hpp"
#include "http/routing/rejections.hpp"
#include "http/routing/versions.hpp"

#include <charconv>
#include <utility>

namespace tessera::http {

namespace {

void text_or_null(json::writer& out, std::string_view name, const std::string& text) {
  out.key(name);
  text.empty() ? out.null() : out.string(text);
}

void time_or_null(json::writer& out, std::string_view name, const std::optional<time_point>& at) {
  out.key(name);
  at ? out.time(to_microseconds(*at)) : out.null();
}

/// The answer of `word_made` with its own token in place of what stands for it, and no other text: what
/// callers wrote stands in answers, too, and may look like anything. Such an answer begins with the id and
/// what stands for the token.
std::string with_own_token(const token_secret& secret, std::string body) {
  constexpr std::string_view before_id = R"({"success":true,"invitationId":")";
  if (!body.starts_with(before_id)) return body;
  const auto id = body.substr(before_id.size(), body.find('"', before_id.size()) - before_id.size());
  const auto stands_in = token_placeholder(id, 0);
  const auto opening = R"(","invitationToken":")" + stands_in.substr(0, stands_in.size() - 2); // without `0}`
  const auto at = before_id.size() + id.size();
  if (body.compare(at, opening.size(), opening) != 0) return body;
  std::int64_t generation = 0;
  std::from_chars(body.data() + at + opening.size(), body.data() + body.size(), generation);
  const auto placeholder = token_placeholder(id, generation);
  const auto token = invitation_token(secret, id, invitation_channel::direct_link, generation);
  for (auto found = body.find(placeholder); found != body.npos; found = body.find(placeholder, found))
    body.replace(found, placeholder.size(), token);
  return body;
}

} // namespace

void write_invitation(json::writer& out, const invitation_view& one) {
  out.field("invitationId", one.id).field("email", one.email);
  text_or_null(out, "phone", one.phone);
  out.field("firstName", one.first_name).field("lastName", one.last_name);
  out.field("role", to_string(one.grants.role)).key("entityAssignments").begin_array();
  for (const auto& each : one.grants.assignments) {
    out.begin_object().field("entityType", to_string(each.ref.type)).field("entityId", each.ref.id);
    out.field("role", to_string(each.role)).end_object();
  }
  out.end_array().key("applicationAccess").begin_array();
  for (const auto& each : one.grants.applications)
    out.string(each);
  out.end_array().field("sendNotification", one.sends).field("status", to_string(one.status));
  text_or_null(out, "reason", one.reason);
  out.key("delivery").begin_object().field("email", one.email_delivery).field("sms", one.sms_delivery);
  out.end_object().key("expiresAt").time(to_microseconds(one.expires_at));
  out.field("expiryHours", one.expiry_hours).key("createdAt").time(to_microseconds(one.created_at));
  time_or_null(out, "acceptedAt", one.accepted_at);
  time_or_null(out, "firstViewedAt", one.first_viewed_at);
  time_or_null(out, "lastSentAt", one.last_sent_at);
  out.field("resendCount", one.resends).field("grantVersion", one.grant_version);
  text_or_null(
      out, "invitedBy", one.inviter.kind == principal_kind::operator_key ? "operator" : one.inviter.id
  );
  text_or_null(out, "approvedBy", one.approved_by);
  time_or_null(out, "accessRevokedAt", one.access_revoked_at);
  time_or_null(out, "erasedAt", one.erased_at);
  text_or_null(out, "linkId", one.link);
  text_or_null(out, "locale", one.locale);
  text_or_null(out, "message", one.message);
}

kept_answer word_invitation(const invitation_view& one) {
  kept_answer told{200, {}, etag_of(one.version), false};
  json::writer out(told.body);
  out.begin_object().field("success", true);
  write_invitation(out, one);
  write_starter(out, one.starter);
  out.end_object();
  return told;
}

kept_answer word_made(const invitation_made& made, std::int16_t status) {
  kept_answer told{status, {}, {}, false};
  json::writer out(told.body);
  out.begin_object().field("success", true).field("invitationId", made.id).key("invitationToken");
  const auto token = token_placeholder(made.id, made.generation);
  made.shows_token ? out.string(token) : out.null();
  out.key("expiresAt").time(to_microseconds(made.expires_at)).key("inviteUrl");
  made.shows_token ? out.string(made.base_url + "/accept-invitation?token=" + token) : out.null();
  out.field("status", to_string(made.status)).end_object();
  return told;
}

void answer(
    const service& with,
    const result<invitation_answer>& told,
    const request& request,
    const responder& respond
) {
  if (!told) return respond(to_response(problem_of(told.why()), request));
  if (const auto& shortage = told->shortage)
    return respond(to_response(problem_of(shortage->why, shortage->source, shortage->application), request));
  auto headers = limit_headers(told->limits);
  if (told->refused) {
    auto why = problem_of(*told->refused);
    for (auto& each : headers)
      why.headers.push_back(std::move(each));
    return respond(to_response(why, request));
  }
  auto shown = told->told;
  if (with.secret) shown.body = with_own_token(*with.secret, std::move(shown.body));
  auto answer = to_response(shown);
  for (auto& each : headers)
    answer.headers.push_back(std::move(each));
  respond(std::move(answer));
}

} // namespace tessera::http
