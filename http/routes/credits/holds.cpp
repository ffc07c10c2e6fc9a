// POST /api/credits/holds: the first of two phases. The second is in hold_settling.cpp.
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/hold_json.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view route_template = "POST /api/credits/holds";

struct hold_body {
  entity_ref entity;
  hold_credits command;
};

hold_body read(json::object fields) {
  hold_body body;
  body.entity = read_entity(fields);
  auto& command = body.command;
  command.amount = credits{fields.integer("credits", amount_rules)};
  if (const auto ttl = fields.optional_integer("ttlSeconds", {.least = 1, .most = most_hold_seconds.count()}))
    command.ttl = std::chrono::seconds{*ttl};
  command.meter = fields.optional_string("meter", {.most = 64}).value_or("");
  command.metadata = fields.optional_raw("metadata").value_or("");
  return body;
}

fingerprint fingerprint_of(const hold_body& body) {
  const auto& command = body.command;
  fingerprint print;
  print.add(to_string(body.entity.type)).add(body.entity.id).add(command.amount.value());
  print.add(command.application).add(command.ttl.count()).add(command.meter).add(command.metadata);
  return print;
}

} // namespace

caller_handler hold(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto body = read(reader.object());
    const auto wrong = or_of_query(reader.refusal(), request.query);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong && body.entity.id.empty()) return refuse(*wrong);
    const auto at = find_entity(who, act::hold, body.entity);
    if (at.refused) return refuse(*at.refused);
    if (wrong) return refuse(*wrong);

    body.command.account = at.found->account;
    ask_about_hold(body.command, with, request, who, key);
    body.command.idempotency = optional_key(who.tenant->tenant, route_template, key, fingerprint_of(body));
    with.behind.hold(
        std::move(body.command),
        who.tenant->tenant,
        [respond, refuse, entity = body.entity, application = who.application](const result<hold_view>& made
        ) {
          made ? respond(answer_about(*made, entity, 201))
               : refuse(problem_of(made.why(), entity, application));
        }
    );
  };
}

void ask_about_hold(
    hold_request& command,
    const service& with,
    const request& request,
    const caller& who,
    std::string_view key
) {
  command.application = who.application;
  command.caller_key = key;
  command.requested_by = who.as_principal();
  command.request_id = request.request_id;
  command.until = std::chrono::steady_clock::now() + with.patience;
}

} // namespace tessera::http
