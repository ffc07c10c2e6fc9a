// POST /api/credits/holds/:id/capture and /release. By who holds it, or who administers the entity (contract
// 3).
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/hold_json.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view capture_template = "POST /api/credits/holds/:id/capture";
constexpr std::string_view release_template = "POST /api/credits/holds/:id/release";

/// 0 lets all of it go.
constexpr json::integer_rules captured_rules{
    .least = 0, .most = credits::limit, .code = "amount_out_of_range"};

capture_hold read_capture(json::object fields) {
  capture_hold command;
  command.amount = credits{fields.integer("credits", captured_rules)};
  command.final = fields.optional_boolean("final").value_or(true);
  command.spend_overage = fields.optional_choice("overage", {"refuse", "spend"}).value_or(0) == 1;
  return command;
}

} // namespace

hold_search find_hold(const caller& who, act what, std::string_view id) {
  const auto unknown = problem_of(errc::hold_unknown);
  const auto opened = parse_hold_id(id);
  if (!opened) return {{}, nullptr, unknown};
  const auto* at = who.tenant->find(opened->account);
  if (!at) return {{}, nullptr, judge_unknown(who, unknown)};
  switch (may(who.rights, what, *who.tenant, at)) {
  case verdict::allowed: return {*opened, at, {}};
  case verdict::forbidden: return {{}, nullptr, why_may_not(who, what, at)};
  case verdict::out_of_scope: break;
  }
  return {{}, nullptr, unknown}; // a hold elsewhere looks like none (contract 2)
}

namespace {

/// What capture and release have in common, once their bodies are read.
template <class Command, class Send> void settle(
    service& with,
    const request& request,
    const responder& respond,
    const caller& who,
    const hold_search& found,
    std::string_view key,
    Command command,
    Send send
) {
  command.account = found.opened.account;
  command.hold = found.opened.seq;
  command.administers = may(who.rights, act::settle_holds, *who.tenant, found.at) == verdict::allowed;
  ask_about_hold(command, with, request, who, key);
  (with.behind.*send
  )(std::move(command),
    who.tenant->tenant,
    [&request, respond, entity = found.at->ref(), application = who.application](const result<hold_view>& left
    ) {
      left ? respond(answer_about(*left, entity, 200))
           : respond(to_response(problem_of(left.why(), entity, application), request));
    });
}

} // namespace

caller_handler capture(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto command = read_capture(reader.object());
    const auto wrong = or_of_query(reader.refusal(), request.query);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    const auto& id = request.parameters[0];
    const auto found = find_hold(who, act::hold, id);
    if (found.refused) return refuse(*found.refused);
    if (wrong) return refuse(*wrong);

    fingerprint print;
    print.add(id).add(command.amount.value()).add(who.application);
    print.add(std::int64_t{command.final}).add(std::int64_t{command.spend_overage});
    command.idempotency = optional_key(who.tenant->tenant, capture_template, key, print);
    settle(with, request, respond, who, found, key, std::move(command), &gateway::capture);
  };
}

caller_handler release(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    std::optional<problem> wrong;
    if (!request.body.empty()) {
      json::reader reader(request.body);
      reader.object(); // it has no fields
      wrong = reader.refusal();
    }
    wrong = or_of_query(std::move(wrong), request.query);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    const auto& id = request.parameters[0];
    const auto found = find_hold(who, act::hold, id);
    if (found.refused) return refuse(*found.refused);
    if (wrong) return refuse(*wrong);

    release_hold command;
    fingerprint print;
    print.add(id).add(who.application);
    command.idempotency = optional_key(who.tenant->tenant, release_template, key, print);
    settle(with, request, respond, who, found, key, std::move(command), &gateway::release);
  };
}

} // namespace tessera::http
