// POST /api/invitations/:id/approve, /reject
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

constexpr json::string_rules given_reason_rules{
    .least = 1,
    .most = 500,
    .accepts = is_plain_message,
    .code = "invalid_reason",
    .expected = "A reason has no control characters and no web address."};

/// A yes has no reason, a no has one.
std::optional<problem> read(const request& request, decide_invitation& into) {
  if (into.approves && request.body.empty()) return std::nullopt;
  json::reader reader(request.body);
  auto fields = reader.object();
  if (!into.approves) into.reason = fields.string("reason", given_reason_rules);
  return reader.refusal();
}

caller_handler decide(service& with, bool approves, std::string_view route) {
  return [&with, approves, route](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    decide_invitation command;
    command.approves = approves;
    const auto wrong = read(request, command);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    command.tenant = who.tenant->tenant;
    command.id = request.parameters.front();
    if (!is_valid_id(command.id))
      return refuse(problem_of(invitation_refusal{invitation_flaw::unknown, {}, {}, 0}));
    fingerprint print;
    print.add(command.id).add(command.reason);
    command.sees = filter_of(who);
    command.word = word_invitation;
    command.origin = invitation_origin_of(request, who, with);
    command.key = own_key(request, who, command.tenant, route, key, print);
    with.behind.change(
        invitation_call{std::make_shared<const invitation_errand>(invitation_errand{std::move(command)})},
        [&with, &request, respond](const result<invitation_answer>& told) {
          answer(with, told, request, respond);
        }
    );
  };
}

} // namespace

caller_handler approve_invitation(service& with) {
  return decide(with, true, "POST /api/invitations/:id/approve");
}
caller_handler reject_invitation(service& with) {
  return decide(with, false, "POST /api/invitations/:id/reject");
}

} // namespace tessera::http
