// POST /api/privacy/erase, GET /api/privacy/export
#include "http/routes/privacy/privacy.hpp"

#include "actors/support/email_address.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/invitation_json.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/query.hpp"
#include "messages/invitation_errands.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view erase_template = "POST /api/privacy/erase";

bool is_email(std::string_view text) {
  return email_key(text).has_value();
}

kept_answer word(const person_erased& made) {
  kept_answer told{200, {}, {}, false};
  json::writer out(told.body);
  out.begin_object().field("success", true).field("invitations", made.invitations).key("userId");
  made.user.empty() ? out.null() : out.string(made.user);
  out.end_object();
  return told;
}

void write_user(json::writer& out, const user_view& user) {
  out.begin_object().field("userId", user.id).field("email", user.email);
  out.field("firstName", user.first_name).field("lastName", user.last_name);
  out.field("role", to_string(user.role)).field("active", user.active).key("entityAssignments").begin_array();
  for (const auto& each : user.assignments) {
    out.begin_object().field("entityType", to_string(each.ref.type)).field("entityId", each.ref.id);
    out.field("role", to_string(each.role)).end_object();
  }
  out.end_array().key("applicationAccess").begin_array();
  for (const auto& each : user.applications)
    out.string(each);
  out.end_array().field("timezone", user.timezone).field("language", user.language);
  out.field("emailVerified", user.email_verified).key("createdAt").time(to_microseconds(user.created_at));
  out.end_object();
}

void write_activity(json::writer& out, const invitation_activity& one) {
  out.begin_object().field("activityType", one.type).key("createdAt").time(to_microseconds(one.created_at));
  out.field("ip", one.from.network).field("userAgent", one.from.browser).key("metadata").raw(one.metadata);
  out.end_object();
}

void write_job_row(json::writer& out, const known_job_row& one) {
  out.begin_object().field("jobId", one.job).field("row", one.number).field("email", one.email);
  out.field("phone", one.phone).field("firstName", one.first_name).field("lastName", one.last_name);
  out.field("message", one.message).field("status", to_string(one.state));
  out.key("createdAt").time(to_microseconds(one.created_at)).end_object();
}

response render(const personal_data& known, std::string_view email) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("email", email).key("user");
  known.user ? write_user(out, *known.user) : void(out.null());
  out.key("invitations").begin_array();
  for (const auto& each : known.invitations) {
    out.begin_object();
    write_invitation(out, each.invitation);
    out.key("activities").begin_array();
    for (const auto& one : each.activities)
      write_activity(out, one);
    out.end_array().end_object();
  }
  out.end_array().key("messages").begin_array();
  for (const auto& each : known.messages) {
    out.begin_object().field("kind", each.kind).field("channel", each.channel).field("status", each.status);
    out.key("createdAt").time(to_microseconds(each.created_at)).end_object();
  }
  out.end_array().key("consents").begin_array();
  for (const auto& each : known.consents) {
    out.begin_object().field("termsVersion", each.terms_version).key("acceptedAt");
    out.time(to_microseconds(each.accepted_at)).end_object();
  }
  out.end_array().key("bulkRows").begin_array();
  for (const auto& each : known.job_rows)
    write_job_row(out, each);
  out.end_array().end_object();
  return answer;
}

void run(
    service& with, invitation_errand errand, const std::function<void(const result<invitation_answer>&)>& done
) {
  with.behind.change(invitation_call{std::make_shared<const invitation_errand>(std::move(errand))}, done);
}

} // namespace

caller_handler erase_person(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    tessera::erase_person command;
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto email = fields.string("email", {.most = 254, .accepts = is_email, .code = "invalid_email"});
    command.email_key = email_key(email).value_or("");
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    command.tenant = who.tenant->tenant;
    fingerprint print;
    print.add(command.email_key);
    command.word = word;
    command.origin = invitation_origin_of(request, who, with);
    command.key = own_key(request, who, command.tenant, erase_template, key, print);
    run(with, {std::move(command)}, [&with, &request, respond](const result<invitation_answer>& told) {
      answer(with, told, request, respond);
    });
  };
}

caller_handler export_person(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto email = query.text("email");
    const auto found = email ? email_key(*email) : std::nullopt;
    if (!email) query.reject("email", "required", "Whose data?");
    if (email && !found) query.reject("email", "invalid_email", "Must be a mail address.");
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    run(with,
        {tessera::export_person{who.tenant->tenant, *found}},
        [respond, refuse, email = std::string(*email)](const result<invitation_answer>& told) {
          if (!told) return refuse(problem_of(told.why()));
          respond(render(*told->found->person, email));
        });
  };
}

} // namespace tessera::http
