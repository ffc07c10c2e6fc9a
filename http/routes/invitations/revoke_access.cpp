// POST /api/invitations/:id/revoke-access
#include "http/auth/invitation_access.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/invitation_json.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/invitation_problem.hpp"
#include "messages/invitation_errands.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view revoke_access_template = "POST /api/invitations/:id/revoke-access";

kept_answer word_access_revoked(const access_revoked& made) {
  kept_answer told{200, {}, {}, false};
  json::writer out(told.body);
  out.begin_object().field("success", true).field("invitationId", made.invitation.id).key("userId");
  made.user.empty() ? out.null() : out.string(made.user);
  out.field("role", to_string(made.role)).key("entityAssignments").begin_array();
  for (const auto& each : made.changes) {
    if (!each.application.empty()) continue;
    out.begin_object().field("entityType", to_string(each.ref.type)).field("entityId", each.ref.id);
    out.field("role", to_string(each.before)).key("remaining");
    each.after ? out.string(to_string(*each.after)) : out.null();
    out.end_object();
  }
  out.end_array().key("applicationAccess").begin_array();
  for (const auto& each : made.changes)
    if (!each.application.empty()) out.string(each.application);
  out.end_array().end_object();
  return told;
}

} // namespace

caller_handler revoke_invitation_access(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    std::optional<problem> wrong;
    if (!request.body.empty()) {
      json::reader reader(request.body);
      reader.object();
      wrong = reader.refusal();
    }
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    tessera::revoke_invitation_access command;
    command.tenant = who.tenant->tenant;
    command.id = request.parameters.front();
    if (!is_valid_id(command.id))
      return refuse(problem_of(invitation_refusal{invitation_flaw::unknown, {}, {}, 0}));
    fingerprint print;
    print.add(command.id);
    command.sees = filter_of(who);
    command.word = word_access_revoked;
    command.origin = invitation_origin_of(request, who, with);
    command.key = own_key(request, who, command.tenant, revoke_access_template, key, print);
    with.behind.change(
        invitation_call{std::make_shared<const invitation_errand>(invitation_errand{std::move(command)})},
        [&with, &request, respond](const result<invitation_answer>& told) {
          answer(with, told, request, respond);
        }
    );
  };
}

} // namespace tessera::http
