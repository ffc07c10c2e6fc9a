// GET /api/invitations/analytics: the brief's object, and what it is made of.
#include "http/routes/directory/changes.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routing/query.hpp"
#include "messages/invitations.hpp"

#include <cmath>
#include <cstdio>

namespace tessera::http {

namespace {

/// `2.5 hours`: one decimal at most, in the largest unit of which there is one.
std::string duration_text(std::int64_t seconds) {
  struct unit {
    std::int64_t seconds;
    std::string_view name;
  };
  constexpr unit units[] = {{86'400, "day"}, {3'600, "hour"}, {60, "minute"}, {1, "second"}};
  for (const auto& each : units) {
    if (seconds < each.seconds && each.seconds > 1) continue;
    const auto tenths = std::llround(10.0 * static_cast<double>(seconds) / static_cast<double>(each.seconds));
    auto text = std::to_string(tenths / 10);
    if (tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
    return text + " " + std::string(each.name) + (tenths == 10 ? "" : "s");
  }
  return "0 seconds";
}

/// Of all that were ever made, in percent with one decimal at most.
std::string rate_text(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "0";
  const auto tenths = std::llround(1'000.0 * static_cast<double>(part) / static_cast<double>(whole));
  auto text = std::to_string(tenths / 10);
  return tenths % 10 == 0 ? text : text + "." + std::to_string(tenths % 10);
}

void number_or_null(json::writer& out, std::string_view name, const std::optional<std::int64_t>& number) {
  out.key(name);
  number ? out.integer(*number) : out.null();
}

void write_briefs(json::writer& out, const invitation_figures& f) {
  const auto count = [&](invitation_status status) { return f.counts[static_cast<std::size_t>(status)]; };
  const auto accepted = count(invitation_status::accepted);
  out.key("invitationAnalytics").begin_object().field("totalSent", f.created).field("accepted", accepted);
  out.field("pending", count(invitation_status::pending)).field("expired", count(invitation_status::expired));
  out.key("acceptanceRate").raw(rate_text(accepted, f.created)).key("averageAcceptanceTime");
  f.mean_seconds ? out.string(duration_text(*f.mean_seconds)) : out.null();
  out.key("topInvitationSources").begin_array();
  for (const auto& source : f.sources)
    out.string(source);
  out.end_array().field("declined", count(invitation_status::declined));
  out.field("cancelled", count(invitation_status::cancelled));
  number_or_null(out, "averageAcceptanceSeconds", f.mean_seconds);
  out.end_object();
}

response render(const invitation_figures& f) {
  const auto accepted = f.counts[static_cast<std::size_t>(invitation_status::accepted)];
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_briefs(out, f);
  out.key("funnel").begin_object().field("created", f.created).field("sent", f.sent);
  out.field("viewed", f.viewed).field("accepted", accepted).field("expiredUnseen", f.expired_unseen);
  number_or_null(out, "p50Seconds", f.p50_seconds);
  number_or_null(out, "p90Seconds", f.p90_seconds);
  out.end_object().key("breakdown").begin_array();
  for (const auto& part : f.parts) {
    out.begin_object().field("by", part.by).field("id", part.id).field("created", part.created);
    out.field("viewed", part.viewed).field("accepted", part.accepted).end_object();
  }
  out.end_array().end_object();
  return answer;
}

} // namespace

caller_handler invitation_analytics(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    query_reader query(request.query);
    invitation_figures_query wanted;
    wanted.of.created_from = query.time("from");
    wanted.of.created_to = query.time("to");
    auto wrong = query.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = find_application(request, who)) return refuse(*foreign);
    if (wrong) return refuse(*wrong);
    wanted.of.tenant = who.tenant->tenant;
    wanted.of.part = part_of(who, act::read_invitations);
    wanted.of.inviter = who.as_principal();
    wanted.of.application = who.application;
    with.behind.find(std::move(wanted), [respond, refuse](const result<invitation_figures>& found) {
      found ? respond(render(*found)) : refuse(problem_of(found.why()));
    });
  };
}

} // namespace tessera::http
