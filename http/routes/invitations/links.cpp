// POST and GET /api/invitation-links, GET and DELETE /api/invitation-links/:id
#include "http/routes/invitations/links.hpp"

#include "actors/support/link_token.hpp"
#include "http/auth/invitation_access.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/pages.hpp"
#include "http/routes/invitations/invitation_fields.hpp"
#include "http/routes/invitations/visitors.hpp"
#include "http/routing/invitation_problem.hpp"
#include "http/routing/versions.hpp"
#include "messages/invitation_errands.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view create_template = "POST /api/invitation-links";
constexpr std::string_view revoke_template = "DELETE /api/invitation-links/:id";
constexpr std::string_view before_id = R"({"success":true,"linkId":")";

link_filter filter_of_links(const caller& who) {
  return [who](const invitation_link& one) {
    return is_for_application(one.grants, who.application) &&
           may_see(who.rights, one.grants, one.creator, *who.tenant);
  };
}

bool is_domain(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return std::all_of(text.begin(), text.end(), fits) && text.find('.') != text.npos && text.front() != '.' &&
         text.back() != '.' && text.find("..") == text.npos;
}

struct link_body {
  tessera::create_invitation_link command;
  wanted_grant wanted;
};

std::optional<problem> read(const request& request, link_body& into) {
  json::reader reader(request.body);
  auto fields = reader.object();
  auto& link = into.command.wanted;
  link.name = read_name(fields, "name").value_or("");
  into.wanted = read_wanted_grant(fields);
  link.most_uses = fields.optional_integer("maxUses", {.least = 1, .most = most_link_uses}).value_or(100);
  link.expiry_hours =
      fields.optional_integer("invitationExpiryHours", {.least = 1, .most = most_invitation_hours})
          .value_or(168);
  into.command.life_hours =
      fields.optional_integer("expiryHours", {.least = 1, .most = most_invitation_hours}).value_or(168);
  if (const auto items = fields.optional_array("allowedEmailDomains", {.most = 20}))
    for (const auto item : *items)
      link.domains.emplace_back(
          item.string({.most = 253, .accepts = is_domain, .expected = "Must be a domain in lower case."})
      );
  return reader.refusal();
}

fingerprint print_of(const link_body& body) {
  const auto& link = body.command.wanted;
  fingerprint print;
  print.add(link.name);
  add(print, body.wanted);
  print.add(link.most_uses).add(link.expiry_hours).add(body.command.life_hours);
  for (const auto& each : link.domains)
    print.add("of").add(each);
  return print;
}

/// In the order of checks, as of an invitation.
std::optional<problem> judge(const request& request, caller& who, link_body& body) {
  const auto wrong = read(request, body);
  if (wrong && wrong->status == 400) return wrong;
  if (auto foreign = find_application(request, who)) return foreign;
  auto& grants = body.command.wanted.grants;
  grants.role = body.wanted.role.value_or(user_role::user);
  if (grants.role != user_role::user) // whoever gives more knows to whom (W-42)
    return problem_of(invitation_refusal{
        invitation_flaw::role_not_grantable, "A link gives the role `user`.", {}, 0});
  if (auto why = why_may_not_invite(who, {grants.role, {}, {}}); why && why->told.status == 403)
    return std::move(why->told);
  if (auto refused = find_assignments(who, body.wanted, grants.assignments)) return refused;
  grants.applications = body.wanted.applications.value_or(std::vector<std::string>());
  auto why = why_may_not_invite(who, grants);
  if (why && why->flaw == grant_flaw::unknown_application && !wrong)
    return judge_unknown(who, std::move(why->told));
  if (why && why->told.status == 403) return std::move(why->told);
  if (wrong) return wrong;
  if (auto unknown = wrong_query(request)) return unknown;
  return why ? std::optional(std::move(why->told)) : std::nullopt;
}

void write_link(json::writer& out, const invitation_link& link) {
  out.field("linkId", link.id).key("name");
  link.name.empty() ? out.null() : out.string(link.name);
  out.field("role", to_string(link.grants.role)).key("entityAssignments").begin_array();
  for (const auto& each : link.grants.assignments) {
    out.begin_object().field("entityType", to_string(each.ref.type)).field("entityId", each.ref.id);
    out.field("role", to_string(each.role)).end_object();
  }
  out.end_array().key("applicationAccess").begin_array();
  for (const auto& each : link.grants.applications)
    out.string(each);
  out.end_array().key("allowedEmailDomains").begin_array();
  for (const auto& each : link.domains)
    out.string(each);
  out.end_array().field("maxUses", link.most_uses).field("uses", link.uses);
  out.field("invitationExpiryHours", link.expiry_hours).field("status", to_string(link.state));
  out.key("expiresAt").time(to_microseconds(link.expires_at));
  out.key("createdAt").time(to_microseconds(link.created_at)).key("revokedAt");
  link.revoked_at ? out.time(to_microseconds(*link.revoked_at)) : out.null();
  out.key("reason");
  link.reason.empty() ? out.null() : out.string(link.reason);
  out.field("createdBy", link.creator.kind == principal_kind::operator_key ? "operator" : link.creator.id);
}

kept_answer word(const invitation_link& link, std::int16_t status) {
  kept_answer told{status, {}, etag_of(link.version), false};
  json::writer out(told.body);
  out.begin_object().field("success", true);
  write_link(out, link);
  out.end_object();
  return told;
}

/// What is kept has no token: it is derived whenever the answer is sent.
std::string with_token(const service& with, std::string body) {
  if (!with.secret || !body.starts_with(before_id)) return body;
  const auto id = body.substr(before_id.size(), body.find('"', before_id.size()) - before_id.size());
  const auto token = link_token(*with.secret, id);
  body.back() = ','; // in place of the last brace
  return body + R"("linkToken":")" + token + R"(","joinUrl":")" + with.public_base_url +
         "/join#token=" + token + "\"}";
}

void run(
    service& with, invitation_errand errand, const std::function<void(result<invitation_answer>)>& done
) {
  with.behind.change(invitation_call{std::make_shared<const invitation_errand>(std::move(errand))}, done);
}

problem link_not_found() {
  return problem_of(invitation_refusal{invitation_flaw::link_unknown, {}, {}, 0});
}

/// Why there is nothing to show; nothing: there is.
std::optional<problem> why_none(const result<invitation_answer>& told) {
  if (!told) return problem_of(told.why());
  if (told->refused) return problem_of(*told->refused);
  return std::nullopt;
}

cursor_purpose purpose_of(const list_invitation_links& wanted, const caller& who) {
  cursor_purpose purpose;
  purpose.add("GET /api/invitation-links").add(to_string(wanted.tenant)).add(who.application);
  return purpose;
}

} // namespace

caller_handler create_invitation_link(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    link_body body;
    if (const auto wrong = judge(request, who, body)) return refuse(*wrong);
    auto& command = body.command;
    command.tenant = who.tenant->tenant;
    command.word = [](const invitation_link& made) { return word(made, 201); };
    command.origin = invitation_origin_of(request, who, with);
    command.key = own_key(request, who, command.tenant, create_template, key, print_of(body));
    run(with, {std::move(command)}, [&with, respond, refuse](const result<invitation_answer>& told) {
      if (const auto why = why_none(told)) return refuse(*why);
      auto shown = told->told;
      shown.body = with_token(with, std::move(shown.body));
      respond(to_response(shown));
    });
  };
}

caller_handler invitation_links(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto page = read_page(query);
    auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    list_invitation_links wanted{who.tenant->tenant, filter_of_links(who), page.limit, std::nullopt};
    const auto purpose = purpose_of(wanted, who);
    if (const auto forged = open_page(with, purpose, page, wanted.after)) return refuse(*forged);
    run(with,
        {std::move(wanted)},
        [&with, &request, respond, refuse, purpose](const result<invitation_answer>& told) {
          if (const auto why = why_none(told)) return refuse(*why);
          const auto& found = *told->found;
          response answer;
          json::writer out(answer.body);
          out.begin_object().field("success", true).key("links").begin_array();
          for (const auto& each : found.links) {
            out.begin_object();
            write_link(out, each);
            out.end_object();
          }
          out.end_array();
          const auto last = found.more ? std::optional(found.links.back().id) : std::nullopt;
          close_page(out, answer, with, purpose, request, last);
          respond(std::move(answer));
        });
  };
}

caller_handler one_invitation_link(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (const auto wrong = wrong_query(request)) return refuse(*wrong);
    const std::string id(request.parameters.front());
    if (!is_valid_id(id)) return refuse(link_not_found());
    run(with,
        {invitation_link_query{who.tenant->tenant, id, filter_of_links(who)}},
        [respond, refuse](const result<invitation_answer>& told) {
          if (const auto why = why_none(told)) return refuse(*why);
          respond(to_response(word(told->found->links.front(), 200)));
        });
  };
}

caller_handler revoke_invitation_link(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    tessera::revoke_invitation_link command;
    command.tenant = who.tenant->tenant;
    command.id = request.parameters.front();
    if (!is_valid_id(command.id)) return refuse(link_not_found());
    fingerprint print;
    print.add(command.id);
    command.only_versions = headers.only_versions;
    add_versions(print, command.only_versions);
    command.sees = filter_of_links(who);
    command.word = [](const invitation_link& made) { return word(made, 200); };
    command.origin = invitation_origin_of(request, who, with);
    command.key = own_key(request, who, command.tenant, revoke_template, headers.key, print);
    run(with, {std::move(command)}, [respond, refuse](const result<invitation_answer>& told) {
      if (const auto why = why_none(told)) return refuse(*why);
      respond(to_response(told->told));
    });
  };
}

} // namespace tessera::http
