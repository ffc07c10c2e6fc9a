// GET /api/invitations, GET /api/invitations/:id/activities
#include "actors/support/email_address.hpp"
#include "http/auth/invitation_access.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/pages.hpp"
#include "http/routes/invitations/invitation_export.hpp"
#include "http/routes/invitations/invitation_json.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/starter_fields.hpp"
#include "http/routing/accept.hpp"
#include "http/routing/invitation_problem.hpp"

#include <array>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::array statuses{
    invitation_status::pending,
    invitation_status::accepted,
    invitation_status::declined,
    invitation_status::cancelled,
    invitation_status::expired,
    invitation_status::pending_approval};
constexpr std::array<std::string_view, 8> deliveries{
    "none", "queued", "sent", "delivered", "bounced", "failed", "suppressed", "unavailable"};

struct list_question {
  list_invitations wanted;
  page_question page;
  std::optional<std::string_view> entity_type;
  std::optional<std::string_view> entity_id;
};

void read(query_reader& query, list_question& into) {
  auto& wanted = into.wanted;
  into.page = read_page(query);
  if (const auto status = query.choice(
          "status", {"pending", "accepted", "declined", "cancelled", "expired", "pending_approval"}
      ))
    wanted.status = statuses[*status];
  if (const auto email = query.text("email")) {
    wanted.email_key = email_key(*email);
    if (!wanted.email_key) query.reject("email", "invalid_email", "Must be a mail address.");
  }
  if (const auto role =
          query.choice("role", {"user", "location_manager", "organization_admin", "tenant_admin"}))
    wanted.role = static_cast<user_role>(*role + 1);
  read_entity_filter(query, into.entity_type, into.entity_id);
  wanted.invited_by = query.text("invitedBy", 64);
  wanted.link = query.text("linkId", 64);
  wanted.created_from = query.time("createdFrom");
  wanted.created_to = query.time("createdTo");
  wanted.expiring_before = query.time("expiringBefore");
  if (const auto delivery = query.choice(
          "delivery",
          {"none", "queued", "sent", "delivered", "bounced", "failed", "suppressed", "unavailable"}
      ))
    wanted.delivery = deliveries[*delivery];
}

cursor_purpose purpose_of(const list_invitations& wanted) {
  const auto time = [](const std::optional<time_point>& at) { return at ? to_microseconds(*at) : -1; };
  cursor_purpose purpose;
  purpose.add("GET /api/invitations").add(to_string(wanted.tenant)).add(wanted.application);
  purpose.add(wanted.status ? to_string(*wanted.status) : "").add(wanted.email_key.value_or(""));
  purpose.add(wanted.role ? to_string(*wanted.role) : "");
  purpose.add(wanted.entity ? to_string(*wanted.entity) : "").add(wanted.invited_by.value_or(""));
  purpose.add(time(wanted.created_from)).add(time(wanted.created_to)).add(time(wanted.expiring_before));
  return purpose.add(wanted.delivery.value_or("")).add(wanted.link.value_or(""));
}

response render(
    const invitation_page& page, const list_invitations& wanted, const service& with, const request& request
) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("invitations").begin_array();
  for (const auto& each : page.invitations) {
    out.begin_object();
    write_invitation(out, each);
    write_starter(out, each.starter);
    out.end_object();
  }
  out.end_array().key("counts").begin_object();
  for (const auto status : statuses)
    out.field(to_string(status), page.counts[static_cast<std::size_t>(status)]);
  out.end_object();
  const auto last = page.more ? std::optional(page.invitations.back().id) : std::nullopt;
  close_page(out, answer, with, purpose_of(wanted), request, last);
  return answer;
}

cursor_purpose purpose_of(const list_activities& wanted) {
  cursor_purpose purpose;
  purpose.add("GET /api/invitations/:id/activities").add(to_string(wanted.tenant));
  return purpose.add(wanted.invitation);
}

response render(
    const activity_page& page, const list_activities& wanted, const service& with, const request& request
) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("activities").begin_array();
  for (const auto& each : page.activities) {
    out.begin_object().field("activityId", each.id).field("activityType", each.type);
    out.key("createdAt").time(to_microseconds(each.created_at));
    out.key("actor").begin_object().field("type", each.actor_type).key("id");
    each.actor_id.empty() ? out.null() : out.string(each.actor_id);
    out.end_object().key("ip");
    each.from.network.empty() ? out.null() : out.string(each.from.network);
    out.key("userAgent");
    each.from.browser.empty() ? out.null() : out.string(each.from.browser);
    out.key("metadata").raw(each.metadata).end_object();
  }
  out.end_array();
  const auto last = page.more ? std::optional(page.activities.back().position) : std::nullopt;
  close_page(out, answer, with, purpose_of(wanted), request, last);
  return answer;
}

} // namespace

caller_handler invitations(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    list_question asked;
    read(query, asked);
    auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    auto& wanted = asked.wanted;
    wanted.tenant = who.tenant->tenant;
    wanted.part = part_of(who, act::read_invitations);
    wanted.inviter = who.as_principal();
    wanted.application = who.application;
    const auto offered = request.header("Accept").value_or(std::string_view());
    const bool as_file = preferred_type(offered, {"application/json", "text/csv"}) == 1;
    wanted.limit = as_file ? invitation_export_page : asked.page.limit;
    if (asked.entity_type) {
      entity_ref ref;
      if (const auto unknown = read_entity(*asked.entity_type, *asked.entity_id, ref))
        return refuse(*unknown);
      auto search = find_entity(who, act::read_invitations, ref);
      if (search.refused) return refuse(*search.refused);
      wanted.entity = search.found->account;
    }
    if (const auto forged = open_page(with, purpose_of(wanted), asked.page, wanted.after))
      return refuse(*forged);
    with.behind.list(
        wanted,
        [&with, &request, respond, refuse, wanted, as_file](const result<invitation_page>& page) {
          if (!page) return refuse(problem_of(page.why()));
          respond(as_file ? export_of(with.behind, wanted, *page) : render(*page, wanted, with, request));
        }
    );
  };
}

caller_handler invitation_activities(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    const auto page = read_page(query);
    auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    list_activities wanted{
        who.tenant->tenant, std::string(request.parameters.front()), page.limit, std::nullopt};
    if (const auto forged = open_page(with, purpose_of(wanted), page, wanted.after)) return refuse(*forged);
    const auto show = [&with, &request, respond, refuse, wanted](const result<activity_page>& found) {
      found ? respond(render(*found, wanted, with, request)) : refuse(problem_of(found.why()));
    };
    with.behind.find(
        invitation_query{wanted.tenant, wanted.invitation},
        [&with, refuse, wanted, show, sees = filter_of(who)](const result<invitation_view>& found) {
          if (!found) return refuse(problem_of(found.why()));
          if (found->id.empty() || !sees(*found))
            return refuse(problem_of(invitation_refusal{invitation_flaw::unknown, {}, {}, 0}));
          with.behind.list(wanted, show);
        }
    );
  };
}

} // namespace tessera::http
