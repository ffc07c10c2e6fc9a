// POST /api/invitations/decline; GET /api/me/invitations and POST /api/me/invitations/:id/decline
#include "http/auth/invitation_access.hpp"
#include "http/auth/limits/added_headers.hpp"
#include "http/json/reader.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/invitation_json.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/reason_rules.hpp"
#include "http/routes/invitations/token_call.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/query.hpp"

#include <utility>

namespace tessera::http {

namespace {

kept_answer word_declined(const invitation_view& one) {
  kept_answer told{200, {}, {}, false};
  json::writer out(told.body);
  out.begin_object().field("success", true).field("status", to_string(one.status)).end_object();
  return told;
}

void decline(
    service& with, tessera::decline_invitation command, const request& request, const responder& respond
) {
  command.word = word_declined;
  with.behind.change(
      invitation_call{std::move(command)},
      [&with, &request, respond](const result<invitation_answer>& told) {
        if (told && told->refused && told->refused->flaw == invitation_flaw::unknown)
          note_failure(request, with);
        answer(with, told, request, respond);
      }
  );
}

} // namespace

handler decline_invitation(service& with) {
  return [&with](request& request, responder respond) {
    const auto refuse = [&](const problem& why) { respond(to_response(why, request)); };
    tessera::decline_invitation command;
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto token = fields.string("token");
    command.reason = fields.optional_string("reason", reason_rules).value_or("");
    if (const auto wrong = or_of_query(reader.refusal(), request.query)) return refuse(*wrong);
    auto entry = enter_with_token(token, request, with);
    respond = with_headers(respond, std::move(entry.headers));
    if (entry.refused) return refuse(*entry.refused);
    command.which.token_sha256 = entry.sha256;
    command.origin = invitation_origin_of(request, with);
    decline(with, std::move(command), request, respond);
  };
}

caller_handler decline_own_invitation(service& with) {
  return [&with](request& request, const responder& respond, const caller& who) {
    const auto refuse = [&](const problem& why) { respond(to_response(why, request)); };
    tessera::decline_invitation command;
    std::optional<problem> wrong;
    if (!request.body.empty()) {
      json::reader reader(request.body);
      auto fields = reader.object();
      command.reason = fields.optional_string("reason", reason_rules).value_or("");
      wrong = reader.refusal();
    }
    if ((wrong = or_of_query(std::move(wrong), request.query))) return refuse(*wrong);
    command.which = {
        std::nullopt, who.tenant->tenant, std::string(request.parameters.front()), who.rights.user()->id};
    command.origin = invitation_origin_of(request, who, with);
    decline(with, std::move(command), request, respond);
  };
}

caller_handler own_invitations(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto wrong = wrong_query(request)) return refuse(*wrong);
    with.behind.list(
        list_own_invitations{who.tenant->tenant, who.rights.user()->id},
        [respond, refuse](const result<invitation_page>& page) {
          if (!page) return refuse(problem_of(page.why()));
          response answer;
          json::writer out(answer.body);
          out.begin_object().field("success", true).key("invitations").begin_array();
          for (const auto& each : page->invitations) {
            out.begin_object();
            write_invitation(out, each);
            out.end_object();
          }
          out.end_array().end_object();
          respond(std::move(answer));
        }
    );
  };
}

} // namespace tessera::http
