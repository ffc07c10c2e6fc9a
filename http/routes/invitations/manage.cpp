// GET, PUT and DELETE /api/invitations/:id, POST /api/invitations/resend/:id
#include "http/auth/invitation_access.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/invitation_fields.hpp"
#include "http/routes/invitations/invitation_json.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/reason_rules.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/invitation_problem.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view edit_template = "PUT /api/invitations/:id";
constexpr std::string_view cancel_template = "DELETE /api/invitations/:id";
constexpr std::string_view resend_template = "POST /api/invitations/resend/:id";

problem not_found() {
  return problem_of(invitation_refusal{invitation_flaw::unknown, {}, {}, 0});
}

/// What a PUT says.
struct invitation_edit {
  tessera::edit_invitation command;
  wanted_grant wanted;
  bool cancels = false;
  std::string reason;
};

void read_status(json::object& fields, invitation_edit& into) {
  const auto status = fields.optional_string("status", {.most = 32});
  const auto reason = fields.optional_string("reason", reason_rules);
  if (status && *status != "cancelled")
    fields.reject(
        "status", "status_not_settable", "An invitation can be set to cancelled, and to nothing else."
    );
  into.cancels = status.has_value();
  into.reason = reason.value_or("");
  if (reason && !status) fields.reject("reason", "unknown_field", "A reason belongs to a cancellation.");
}

std::optional<problem> read(const request& request, invitation_edit& into) {
  json::reader reader(request.body);
  auto fields = reader.object();
  auto& command = into.command;
  read_status(fields, into);
  command.first_name = read_name(fields, "firstName");
  command.last_name = read_name(fields, "lastName");
  into.wanted = read_wanted_grant(fields);
  command.expiry_hours = fields.optional_integer("expiryHours", {.least = 1, .most = most_invitation_hours});
  if (const auto at = fields.optional_time("expiresAt")) command.expires_at = from_microseconds(*at);
  if (command.expiry_hours && command.expires_at)
    fields.reject("expiresAt", "invalid_value", "Either expiryHours or expiresAt.");
  const bool edits = command.first_name || command.last_name || into.wanted.role || into.wanted.assignments ||
                     into.wanted.applications || command.expiry_hours || command.expires_at;
  if (into.cancels && edits) fields.reject("status", "invalid_value", "What is cancelled is not changed.");
  return reader.refusal();
}

std::optional<problem> check_end(const tessera::edit_invitation& command, time_point now) {
  if (!command.expires_at) return std::nullopt;
  const auto last = now + std::chrono::hours(most_invitation_hours);
  if (*command.expires_at > now && *command.expires_at <= last) return std::nullopt;
  return field_problem("out_of_range", "/expiresAt", "Between now and 2160 hours from now.");
}

fingerprint print_of(const invitation_edit& edit) {
  const auto& command = edit.command;
  fingerprint print;
  print.add(command.id).add(std::int64_t{edit.cancels}).add(edit.reason);
  print.add(command.first_name.value_or("-")).add(command.last_name.value_or("-"));
  add(print, edit.wanted);
  print.add(command.expiry_hours.value_or(-1));
  print.add(command.expires_at ? to_microseconds(*command.expires_at) : -1);
  add_versions(print, command.only_versions);
  return print;
}

/// Role, assignments and applications as they will be: what is absent stays.
std::function<invitation_grant(const invitation_grant&)>
regranted(const wanted_grant& wanted, std::vector<assignment> assignments) {
  return [wanted, assignments = std::move(assignments)](const invitation_grant& before) {
    auto after = before;
    if (wanted.role) after.role = *wanted.role;
    if (wanted.assignments) after.assignments = assignments;
    if (wanted.applications) after.applications = *wanted.applications;
    return after;
  };
}

auto answering(const service& with, const request& request, const responder& respond) {
  return [&with, &request, respond](const result<invitation_answer>& told) {
    answer(with, told, request, respond);
  };
}

void cancel(
    service& with, invitation_edit&& edit, const caller& who, const request& request, const responder& respond
) {
  tessera::cancel_invitation command;
  command.tenant = edit.command.tenant;
  command.id = std::move(edit.command.id);
  command.reason = std::move(edit.reason);
  command.only_versions = edit.command.only_versions;
  command.sees = filter_of(who);
  command.word = word_invitation;
  command.origin = invitation_origin_of(request, who, with);
  command.key = edit.command.key;
  with.behind.change(invitation_call{std::move(command)}, answering(with, request, respond));
}

} // namespace

caller_handler one_invitation(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (const auto wrong = wrong_query(request)) return refuse(*wrong);
    const std::string id(request.parameters.front());
    if (!is_valid_id(id)) return refuse(not_found());
    with.behind.find(
        invitation_query{who.tenant->tenant, id},
        [respond, refuse, sees = filter_of(who)](const result<invitation_view>& found) {
          if (!found) return refuse(problem_of(found.why()));
          if (found->id.empty() || !sees(*found)) return refuse(not_found());
          respond(to_response(word_invitation(*found)));
        }
    );
  };
}

caller_handler edit_invitation(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    invitation_edit edit;
    auto& command = edit.command;
    command.tenant = who.tenant->tenant;
    command.id = request.parameters.front();
    command.only_versions = headers.only_versions;
    const auto wrong = read(request, edit);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    std::vector<assignment> assignments;
    // The role first, as when inviting.
    if (edit.wanted.role)
      if (const auto why = why_may_not_invite(who, {*edit.wanted.role, {}, {}});
          why && why->told.status == 403)
        return refuse(why->told);
    if (const auto refused = find_assignments(who, edit.wanted, assignments)) return refuse(*refused);
    if (edit.wanted.applications)
      if (const auto why = why_may_not_invite(who, {user_role::user, assignments, *edit.wanted.applications});
          why && why->told.status == 403)
        return refuse(why->told);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    if (const auto late = check_end(command, with.now())) return refuse(*late);
    if (!is_valid_id(command.id)) return refuse(not_found());
    command.key = own_key(request, who, command.tenant, edit_template, headers.key, print_of(edit));
    if (edit.cancels) return cancel(with, std::move(edit), who, request, respond);
    command.regrant = regranted(edit.wanted, std::move(assignments));
    command.sees = filter_of(who);
    command.word = word_invitation;
    command.origin = invitation_origin_of(request, who, with);
    with.behind.change(invitation_call{std::move(command)}, answering(with, request, respond));
  };
}

caller_handler cancel_invitation(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    invitation_edit edit;
    edit.command.tenant = who.tenant->tenant;
    edit.command.id = request.parameters.front();
    edit.command.only_versions = headers.only_versions;
    if (!is_valid_id(edit.command.id)) return refuse(not_found());
    edit.command.key =
        own_key(request, who, edit.command.tenant, cancel_template, headers.key, print_of(edit));
    cancel(with, std::move(edit), who, request, respond);
  };
}

caller_handler resend_invitation(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    tessera::resend_invitation command;
    command.tenant = who.tenant->tenant;
    command.id = request.parameters.front();
    std::optional<problem> wrong;
    if (!request.body.empty()) {
      json::reader reader(request.body);
      auto fields = reader.object();
      command.expiry_hours =
          fields.optional_integer("expiryHours", {.least = 1, .most = most_invitation_hours});
      wrong = reader.refusal();
    }
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    if (!is_valid_id(command.id)) return refuse(not_found());
    fingerprint print;
    print.add(command.id).add(command.expiry_hours.value_or(-1));
    command.base_url = with.public_base_url;
    command.limits_scale = with.limits_scale;
    command.sees = filter_of(who);
    command.word = [](const invitation_made& made) { return word_made(made, 200); };
    command.origin = invitation_origin_of(request, who, with);
    command.key = own_key(request, who, command.tenant, resend_template, key, print);
    with.behind.change(invitation_call{std::move(command)}, answering(with, request, respond));
  };
}

} // namespace tessera::http
