// POST /api/invitations/lookup: what an invitee may know before accepting. A POST, so that what opens links
// by itself counts for nothing.
#include "actors/support/email_address.hpp"
#include "http/auth/limits/added_headers.hpp"
#include "http/json/reader.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/invitation_json.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/token_call.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/query.hpp"

#include <utility>

namespace tessera::http {

namespace {

void write_terms(json::writer& out) {
  out.key("passwordPolicy").begin_object().field("minLength", std::int64_t{12});
  out.field("maxLength", std::int64_t{128}).end_object();
  out.key("terms").begin_object().field("version", terms_version).key("url").null().end_object();
}

/// Neither ids nor the whole address: a link may have been passed on (W-50).
response render(const invitation_preview& shown) {
  const auto& one = shown.invitation;
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("organizationName", shown.organization);
  out.field("inviterName", shown.inviter).field("emailMasked", masked_email(one.email));
  out.field("firstName", one.first_name).field("role", to_string(one.grants.role));
  out.key("entities").begin_array();
  for (std::size_t i = 0; i < shown.entity_names.size() && i < one.grants.assignments.size(); ++i) {
    const auto& each = one.grants.assignments[i];
    out.begin_object().field("type", to_string(each.ref.type)).field("name", shown.entity_names[i]);
    out.field("role", to_string(each.role)).end_object();
  }
  out.end_array().key("applications").begin_array();
  for (const auto& name : shown.application_names)
    out.begin_object().field("name", name).end_object();
  out.end_array().key("expiresAt").time(to_microseconds(one.expires_at));
  out.field("mode", shown.has_account ? "sign_in" : "create_account");
  write_terms(out);
  out.key("message");
  one.message.empty() ? out.null() : out.string(one.message);
  out.key("locale");
  one.locale.empty() ? out.null() : out.string(one.locale);
  out.field("grantVersion", one.grant_version).end_object();
  return answer;
}

} // namespace

handler look_up_invitation(service& with) {
  return [&with](request& request, responder respond) {
    const auto refuse = [&request, &respond](const problem& why) { respond(to_response(why, request)); };
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto token = fields.string("token");
    if (const auto wrong = or_of_query(reader.refusal(), request.query)) return refuse(*wrong);
    const auto entry = enter_with_token(token, request, with);
    respond = with_headers(respond, entry.headers);
    if (entry.refused) return refuse(*entry.refused);
    with.behind.find(
        preview_invitation{*entry.sha256, true, invitation_origin_of(request, with)},
        [&with, &request, respond](const result<invitation_preview>& found) {
          if (!found) return respond(to_response(problem_of(found.why()), request));
          if (!found->refused) return respond(render(*found));
          if (found->refused->flaw == invitation_flaw::unknown) note_failure(request, with);
          respond(to_response(dead_token(*found->refused, found->can_request_new), request));
        }
    );
  };
}

} // namespace tessera::http
