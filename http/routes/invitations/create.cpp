// POST /api/invitations, POST /api/invitations/check
#include "actors/support/email_address.hpp"
#include "http/auth/invitation_access.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/invitation_body.hpp"
#include "http/routes/invitations/invitation_json.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routes/text_checks.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view create_invitation_template = "POST /api/invitations";

bool is_phone(std::string_view text) {
  return !phone_number(text).empty();
}

} // namespace

std::optional<problem> read_invitation(std::string_view text, invitation_body& into) {
  json::reader reader(text);
  auto fields = reader.object();
  auto& command = into.command;
  command.email = fields.string("email", {.most = 254, .accepts = is_email, .code = "invalid_email"});
  command.email_key = email_key(command.email).value_or("");
  if (const auto phone = fields.optional_string(
          "phone",
          {.most = 32, .accepts = is_phone, .code = "invalid_phone", .expected = "Such as +91-9876543210."}
      ))
    command.phone = phone_number(*phone);
  command.first_name = read_name(fields, "firstName").value_or("");
  command.last_name = read_name(fields, "lastName").value_or("");
  into.wanted = read_wanted_grant(fields);
  into.starter = read_starter(fields, into.wanted);
  command.sends = fields.optional_boolean("sendNotification").value_or(true);
  command.reminds = fields.optional_boolean("sendReminders").value_or(false);
  command.expiry_hours =
      fields.optional_integer("expiryHours", {.least = 1, .most = most_invitation_hours}).value_or(168);
  command.message = fields
                        .optional_string(
                            "message",
                            {.most = 1'000,
                             .accepts = is_plain_message,
                             .code = "invalid_message",
                             .expected = "A message has no control characters and no web address."}
                        )
                        .value_or("");
  command.locale =
      fields.optional_string("locale", {.most = 35, .accepts = is_language, .code = "invalid_language"})
          .value_or("");
  if (const auto choice = fields.optional_choice("onConflict", {"refuse", "resend", "replace"}))
    command.on_conflict = static_cast<conflict_choice>(*choice);
  return reader.refusal();
}

fingerprint print_of(const invitation_body& body) {
  const auto& command = body.command;
  fingerprint print;
  print.add(command.email).add(command.phone).add(command.first_name).add(command.last_name);
  add(print, body.wanted);
  add(print, body.starter);
  print.add(std::int64_t{command.sends})
      .add(std::int64_t{command.reminds})
      .add(command.expiry_hours)
      .add(command.message)
      .add(command.locale);
  return print.add(static_cast<std::int64_t>(command.on_conflict));
}

std::optional<problem>
judge_invitation(const caller& who, invitation_body& body, const std::optional<problem>& wrong) {
  auto& grants = body.command.grants;
  grants.role = body.wanted.role.value_or(user_role::user);
  // The role first: whoever may not give it is told so, whatever it would be given at.
  if (auto why = why_may_not_invite(who, {grants.role, {}, {}}); why && why->told.status == 403)
    return std::move(why->told);
  if (auto refused = find_assignments(who, body.wanted, grants.assignments)) return refused;
  grants.applications = body.wanted.applications.value_or(std::vector<std::string>());
  auto why = why_may_not_invite(who, grants);
  if (why && why->flaw == grant_flaw::unknown_application && !wrong)
    return judge_unknown(who, std::move(why->told));
  if (why && why->told.status == 403) return std::move(why->told);
  if (auto refused = find_starter(who, body.starter, body.command.starter)) return refused;
  if (wrong) return wrong;
  return why ? std::optional(std::move(why->told)) : std::nullopt;
}

namespace {

/// Reads in the order of checks: syntax, application, authority, the rest.
std::optional<problem> judge(const request& request, caller& who, invitation_body& body) {
  const auto wrong = read_invitation(request.body, body);
  if (wrong && wrong->status == 400) return wrong;
  if (auto foreign = find_application(request, who)) return foreign;
  if (auto why = judge_invitation(who, body, wrong)) return why;
  return wrong_query(request);
}

} // namespace

caller_handler create_invitation(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    invitation_body body;
    if (const auto wrong = judge(request, who, body)) return refuse(*wrong);
    auto& command = body.command;
    command.tenant = who.tenant->tenant;
    command.base_url = with.public_base_url;
    command.limits_scale = with.limits_scale;
    command.sees = filter_of(who);
    command.word = [](const invitation_made& made) { return word_made(made, 201); };
    command.origin = invitation_origin_of(request, who, with);
    command.key = own_key(request, who, command.tenant, create_invitation_template, key, print_of(body));
    with.behind.change(
        invitation_call{std::move(command)},
        [&with, &request, respond](const result<invitation_answer>& told) {
          answer(with, told, request, respond);
        }
    );
  };
}

/// The same reading, and nothing happens: which rule would say no.
caller_handler check_invitation(service&) {
  return [](request& request, const responder& respond, caller who) {
    invitation_body body;
    const auto wrong = judge(request, who, body);
    if (wrong && wrong->status == 400) return respond(to_response(*wrong, request));
    response told;
    json::writer out(told.body);
    out.begin_object().field("success", true).field("allowed", !wrong).key("failed").begin_array();
    if (wrong) {
      out.begin_object().field("code", wrong->code).field("title", wrong->title);
      out.field("status", static_cast<std::int64_t>(wrong->status)).field("detail", wrong->detail);
      out.key("errors").begin_array();
      for (const auto& error : wrong->errors) {
        out.begin_object().field("pointer", error.pointer).field("code", error.code);
        out.field("detail", error.detail).end_object();
      }
      out.end_array().end_object();
    }
    out.end_array().end_object();
    respond(std::move(told));
  };
}

} // namespace tessera::http
