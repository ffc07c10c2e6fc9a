// /api/notification-templates[/:key/:channel/:locale] with /versions, /preview and /test (decision 0062)
#include "actors/support/sha256.hpp"
#include "http/auth/limits/rate_headers.hpp"
#include "http/auth/limits/rate_table.hpp"
#include "http/notification_gateway.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/notifications/carry_out_here.hpp"
#include "http/routes/notifications/no_body.hpp"
#include "http/routes/notifications/wording_fields.hpp"
#include "http/routes/notifications/wordings.hpp"

#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view word_route = "PUT /api/notification-templates/:key/:channel/:locale";
constexpr std::string_view withdraw_route = "DELETE /api/notification-templates/:key/:channel/:locale";
constexpr std::string_view test_route = "POST /api/notification-templates/:key/:channel/:locale/test";

// Of a tenant in an hour: enough to try, too few to bomb anybody with mail (W-33).
constexpr std::int64_t most_tests = 20;

response render(const template_list& list) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("templates").begin_array();
  for (const auto& each : list.templates) {
    out.begin_object();
    write_template(out, each);
    out.end_object();
  }
  out.end_array().end_object();
  return answer;
}

fingerprint print_of(const wording_place& place) {
  fingerprint print;
  print.add(place.key).add(to_string(place.channel)).add(place.locale);
  return print;
}

/// A template's own words and values, to be looked at.
struct preview_question {
  said_fields said;
  std::optional<template_variables> values;
};

std::optional<template_variables> read_values(json::object& fields, const wording_place& place) {
  auto given = fields.optional_object("variables");
  if (!given) return std::nullopt;
  const auto known = notification_gateway::variables_of(place).value_or(std::vector<std::string>());
  template_variables values;
  for (const auto& name : known)
    if (const auto text = given->optional_string(name, {.least = 0, .most = 2'000})) values[name] = *text;
  return values; // others are unknown fields
}

void answer_preview(
    const worded_template& there,
    const wording_place& place,
    const preview_question& asked,
    const responder& respond,
    const request& request
) {
  const auto said = asked.said.over(there.said);
  if (const auto wrong = why_not_said(place, said)) return respond(to_response(*wrong, request));
  const auto seen = notification_gateway::preview_of(place, said, asked.values, there.look);
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  if (place.channel == notification_channel::email)
    out.field("subject", seen.subject).field("html", seen.html);
  out.field("text", seen.text).end_object();
  respond(std::move(answer));
}

kept_answer word_test(const test_message& made) {
  auto answer = word_id("notificationId", to_string(made.id));
  answer.status = 202;
  return answer;
}

/// How often a tenant may try.
class test_limit {
public:
  explicit test_limit(double scale)
      : table_(rate{
            std::max<std::int64_t>(static_cast<std::int64_t>(most_tests * scale), 1), std::chrono::hours{1}}
        ) {}

  std::optional<problem> refusal(const tenant_id& tenant) {
    std::uint64_t key = 0;
    std::memcpy(&key, tenant.value.bytes.data() + 8, sizeof key); // its random part
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto said = table_.take(key, std::chrono::nanoseconds(now).count());
    return said.allowed ? std::nullopt : std::optional(rate_limited("template-tests", table_.limit(), said));
  }

private:
  rate_table table_;
};

} // namespace

caller_handler templates(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    notification_gateway(with.behind)
        .list(list_templates{who.tenant->tenant}, [respond, refuse](const result<template_list>& all) {
          all ? respond(render(*all)) : refuse(problem_of(all.why()));
        });
  };
}

caller_handler one_template(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    wording_place place;
    if (const auto wrong = read_wording_place(request, place)) return refuse(*wrong);
    notification_gateway(with.behind)
        .find(
            template_query{who.tenant->tenant, place},
            [respond, refuse](const result<worded_template>& found) {
              found ? respond(to_response(word_one_template(*found))) : refuse(problem_of(found.why()));
            }
        );
  };
}

caller_handler template_versions(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    wording_place place;
    if (const auto wrong = read_wording_place(request, place)) return refuse(*wrong);
    notification_gateway(with.behind)
        .list(
            template_versions_query{who.tenant->tenant, place},
            [respond, refuse](const result<template_list>& all) {
              all ? respond(render(*all)) : refuse(problem_of(all.why()));
            }
        );
  };
}

caller_handler word_template(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto said = read_said(fields);
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    tessera::word_template command;
    if (const auto unknown = read_wording_place(request, command.place)) return refuse(*unknown);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    command.said = said.over({});
    if (const auto flaw = why_not_said(command.place, *command.said)) return refuse(*flaw);
    command.tenant = who.tenant->tenant;
    command.only_versions = headers.only_versions;
    command.origin = origin_of(request, who);
    auto print = print_of(command.place);
    print.add(command.said->subject).add(command.said->html).add(command.said->text);
    add_versions(print, command.only_versions);
    const auto once = own_key(request, who, command.tenant, word_route, headers.key, print);
    carry_out_here<tessera::word_template, worded_template>(
        with, {std::move(command), once, word_one_template}, respond, request
    );
  };
}

caller_handler withdraw_template(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    if (const auto wrong = wrong_body(request)) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    tessera::word_template command;
    if (const auto unknown = read_wording_place(request, command.place)) return refuse(*unknown);
    command.tenant = who.tenant->tenant;
    command.only_versions = headers.only_versions;
    command.origin = origin_of(request, who);
    auto print = print_of(command.place);
    add_versions(print, command.only_versions);
    const auto once = own_key(request, who, command.tenant, withdraw_route, headers.key, print);
    carry_out_here<tessera::word_template, worded_template>(
        with, {std::move(command), once, word_one_template}, respond, request
    );
  };
}

caller_handler preview_template(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    wording_place place;
    const auto nowhere = read_wording_place(request, place);
    json::reader reader(request.body.empty() ? "{}" : request.body);
    auto fields = reader.object();
    preview_question asked;
    asked.said = read_said(fields);
    asked.values = read_values(fields, place);
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (nowhere) return refuse(*nowhere);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    notification_gateway(with.behind)
        .find(
            template_query{who.tenant->tenant, place},
            [respond, refuse, &request, place, asked](const result<worded_template>& found) {
              found ? answer_preview(*found, place, asked, respond, request)
                    : refuse(problem_of(found.why()));
            }
        );
  };
}

caller_handler test_template(service& with) {
  return [&with, limit = std::make_shared<test_limit>(with.limits_scale)](
             request& request, responder respond, caller who
         ) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    tessera::test_template command;
    const auto nowhere = read_wording_place(request, command.place);
    json::reader reader(request.body);
    auto fields = reader.object();
    const auto to = read_recipient(fields, "to", command.place.channel);
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto foreign = check_application(request, who)) return refuse(*foreign);
    if (nowhere) return refuse(*nowhere);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    command.tenant = who.tenant->tenant;
    command.to = to.text;
    command.origin = origin_of(request, who);
    if (const auto often = limit->refusal(command.tenant)) return refuse(*often);
    auto print = print_of(command.place);
    print.add(command.to);
    const auto once = own_key(request, who, command.tenant, test_route, key, print);
    carry_out_here<tessera::test_template, test_message>(
        with, {std::move(command), once, word_test}, respond, request
    );
  };
}

} // namespace tessera::http
