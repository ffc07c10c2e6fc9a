// POST /api/invitation-links/lookup and /join: by whoever has the link of one, and its page.
#include "actors/support/email_address.hpp"
#include "actors/support/link_token.hpp"
#include "actors/support/sha256.hpp"
#include "http/auth/limits/added_headers.hpp"
#include "http/json/reader.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/invitation_fields.hpp"
#include "http/routes/invitations/links.hpp"
#include "http/routes/invitations/token_call.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routes/text_checks.hpp"
#include "http/routing/invitation_problem.hpp"
#include "http/routing/query.hpp"
#include "messages/invitation_errands.hpp"

#include <utility>

namespace tessera::http {

namespace {

/// Neither ids nor how many use it.
response render(const invitation_findings& shown) {
  const auto& link = shown.links.front();
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("organizationName", shown.organization);
  out.field("role", to_string(link.grants.role)).key("entities").begin_array();
  for (std::size_t i = 0; i < shown.entity_names.size() && i < link.grants.assignments.size(); ++i) {
    const auto& each = link.grants.assignments[i];
    out.begin_object().field("type", to_string(each.ref.type)).field("name", shown.entity_names[i]);
    out.field("role", to_string(each.role)).end_object();
  }
  out.end_array().key("applications").begin_array();
  for (const auto& name : shown.application_names)
    out.begin_object().field("name", name).end_object();
  out.end_array().key("allowedEmailDomains").begin_array();
  for (const auto& each : link.domains)
    out.string(each);
  out.end_array().key("expiresAt").time(to_microseconds(link.expires_at)).end_object();
  return answer;
}

/// Counts the call; 404 for what no token looks like.
token_entry enter(std::string_view token, const request& request, const service& with) {
  auto entry = begin_with_token(request, with);
  if (entry.refused) return entry;
  if (is_link_token(token)) {
    entry.sha256 = sha256::local()(token);
    return entry;
  }
  note_failure(request, with);
  entry.refused = problem_of(invitation_refusal{invitation_flaw::link_unknown, {}, {}, 0});
  return entry;
}

void run(
    service& with,
    invitation_errand errand,
    const request& request,
    const responder& respond,
    const std::function<response(const invitation_answer&)>& render_it
) {
  with.behind.change(
      invitation_call{std::make_shared<const invitation_errand>(std::move(errand))},
      [&with, &request, respond, render_it](const result<invitation_answer>& told) {
        if (!told) return respond(to_response(problem_of(told.why()), request));
        if (!told->refused) return respond(render_it(*told));
        if (told->refused->flaw == invitation_flaw::link_unknown) note_failure(request, with);
        respond(to_response(problem_of(*told->refused), request));
      }
  );
}

response heard(const invitation_answer&) {
  response answer;
  answer.status = 202;
  answer.body = R"({"success":true})";
  return answer;
}

} // namespace

handler look_up_invitation_link(service& with) {
  return [&with](request& request, responder respond) {
    const auto refuse = [&request, &respond](const problem& why) { respond(to_response(why, request)); };
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto token = fields.string("token");
    if (const auto wrong = or_of_query(reader.refusal(), request.query)) return refuse(*wrong);
    auto entry = enter(token, request, with);
    respond = with_headers(respond, std::move(entry.headers));
    if (entry.refused) return refuse(*entry.refused);
    run(with, {preview_invitation_link{*entry.sha256}}, request, respond, [](const invitation_answer& told) {
      return render(*told.found);
    });
  };
}

handler join_by_link(service& with) {
  return [&with](request& request, responder respond) {
    const auto refuse = [&request, &respond](const problem& why) { respond(to_response(why, request)); };
    tessera::join_by_link command;
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto token = fields.string("token");
    command.email = fields.string("email", {.most = 254, .accepts = is_email, .code = "invalid_email"});
    command.email_key = email_key(command.email).value_or("");
    command.first_name = read_name(fields, "firstName").value_or("");
    command.last_name = read_name(fields, "lastName").value_or("");
    command.locale =
        fields.optional_string("locale", {.most = 35, .accepts = is_language, .code = "invalid_language"})
            .value_or("");
    if (const auto wrong = or_of_query(reader.refusal(), request.query)) return refuse(*wrong);
    auto entry = enter(token, request, with);
    respond = with_headers(respond, std::move(entry.headers));
    if (entry.refused) return refuse(*entry.refused);
    command.token_sha256 = *entry.sha256;
    command.base_url = with.public_base_url;
    command.limits_scale = with.limits_scale;
    command.origin = invitation_origin_of(request, with);
    run(with, {std::move(command)}, request, respond, heard);
  };
}

} // namespace tessera::http
