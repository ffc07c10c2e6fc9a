// GET /api/credits/fraud, GET and PUT /api/credits/fraud/rules, POST /api/credits/fraud/:id/approve and
// /reject: the seller's, like refunds (decision 0065).
#include "http/json/writer.hpp"
#include "http/payments_gateway.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/nullable_fields.hpp"
#include "http/routes/directory/changes.hpp"
#include "http/routes/directory/pages.hpp"
#include "messages/entry_names.hpp"
#include "messages/types/money.hpp"

#include <charconv>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view rules_template = "PUT /api/credits/fraud/rules";
constexpr const char* flag_states[] = {"logged", "open", "approved", "rejected", "blocked"};

void write_flag(json::writer& out, const fraud_flag& flag) {
  out.field("flagId", flag.flag_id).field("rule", to_string(flag.rule.kind));
  out.field("action", to_string(flag.rule.action)).field("state", flag.state);
  out.field("entityType", to_string(flag.entity.type)).field("entityId", flag.entity.id);
  write_text(out, "purchaseId", flag.purchase_id);
  write_text(out, "purchaseStatus", flag.purchase_status);
  out.field("packageId", flag.package_id);
  out.key("amount").raw(decimal_text(flag.amount_minor, flag.currency));
  out.field("amountMinor", flag.amount_minor).field("currency", flag.currency);
  out.key("inputs").begin_object().field("observed", flag.observed).field("limit", flag.rule.limit);
  write_text(out, "network", flag.network);
  out.end_object();
  out.key("requestedBy").begin_object().field("kind", to_string(flag.requested_by.kind));
  out.field("id", flag.requested_by.id).field("application", flag.requested_by.application).end_object();
  write_time(out, "createdAt", flag.created_at);
  write_time(out, "decidedAt", flag.decided_at);
  write_text(out, "decidedBy", flag.decided_by);
  write_text(out, "note", flag.note);
}

kept_answer word_flag(const fraud_flag& flag) {
  kept_answer answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_flag(out, flag);
  out.end_object();
  return answer;
}

kept_answer word_rules(const fraud_rules_view& view) {
  kept_answer answer{200, {}, etag_of(view.version), false};
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("rules").begin_array();
  for (const auto& rule : view.rules) {
    out.begin_object().field("rule", to_string(rule.kind)).field("action", to_string(rule.action));
    out.field("limit", rule.limit).end_object();
  }
  out.end_array().end_object();
  return answer;
}

cursor_purpose purpose_of(const list_fraud_flags& wanted) {
  cursor_purpose purpose;
  purpose.add("GET /api/credits/fraud").add(to_string(wanted.tenant));
  return purpose.add(wanted.state.value_or("")).add(wanted.rule.value_or(""));
}

std::string position_of(const fraud_flag& last) {
  return std::to_string(to_microseconds(last.created_at)) + "." + last.flag_id;
}

std::optional<std::pair<time_point, std::string>> place_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const auto point = text->find('.');
  std::int64_t us = 0;
  std::from_chars(text->data(), text->data() + std::min(point, text->size()), us);
  return std::pair(from_microseconds(us), text->substr(point == text->npos ? text->size() : point + 1));
}

response
render(const fraud_page& page, const list_fraud_flags& wanted, const service& with, const request& request) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).key("flags").begin_array();
  for (const auto& each : page.flags) {
    out.begin_object();
    write_flag(out, each);
    out.end_object();
  }
  out.end_array();
  const auto last = page.more ? std::optional(position_of(page.flags.back())) : std::nullopt;
  close_page(out, answer, with, purpose_of(wanted), request, last);
  return answer;
}

/// One of each kind at most.
std::vector<fraud_rule> read_rules(json::object fields) {
  std::vector<fraud_rule> rules;
  for (const auto& each : fields.array("rules", {.least = 1, .most = 20})) {
    auto one = each.object();
    fraud_rule rule;
    const auto name = one.string("rule", {.most = 64});
    const auto kind = parse_fraud_rule(name);
    if (one.has("rule") && !name.empty() && !kind)
      one.reject("rule", "invalid_value", "There is no such rule.");
    rule.kind = kind.value_or(rule.kind);
    rule.action = static_cast<fraud_action>(one.choice("action", {"off", "log", "alert", "hold", "block"}));
    rule.limit = one.integer("limit", {.least = 0});
    for (const auto& before : rules)
      if (kind && before.kind == *kind) one.reject("rule", "invalid_value", "It stands here twice.");
    rules.push_back(rule);
  }
  return rules;
}

caller_handler decide_route(service& with, bool approved) {
  return [&with, approved](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader body(request.body.empty() ? "{}" : request.body);
    auto fields = body.object();
    decide_fraud_flag command;
    command.note = fields.optional_string("note", {.least = 0, .most = 500}).value_or("");
    const auto wrong = body.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (const auto no = why_may_not(who, act::refund)) return refuse(*no);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    const std::string id(request.parameters.front());
    if (!is_valid_id(id)) return refuse(problem_of(errc::fraud_flag_unknown));
    command.tenant = who.tenant->tenant;
    command.flag_id = id;
    command.approved = approved;
    command.origin = origin_of(request, who);
    const auto* route =
        approved ? "POST /api/credits/fraud/:id/approve" : "POST /api/credits/fraud/:id/reject";
    const auto once =
        own_key(request, who, command.tenant, route, key, std::move(fingerprint().add(id).add(command.note)));
    payments_gateway(with.behind)
        .change(
            repeatable<decide_fraud_flag, fraud_flag>{std::move(command), once, word_flag},
            [respond, refuse](const result<kept_answer>& told) {
              told ? respond(to_response(*told)) : refuse(problem_of(told.why()));
            }
        );
  };
}

} // namespace

caller_handler fraud_flags(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    const auto page = read_page(query);
    list_fraud_flags wanted;
    if (const auto state = query.choice(
            "state", {flag_states[0], flag_states[1], flag_states[2], flag_states[3], flag_states[4]}
        ))
      wanted.state = flag_states[*state];
    if (const auto rule = query.text("rule")) {
      wanted.rule = *rule;
      if (!parse_fraud_rule(*rule)) query.reject("rule", "invalid_parameter", "There is no such rule.");
    }
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    wanted.tenant = who.tenant->tenant;
    wanted.limit = page.limit;
    std::optional<std::string> after;
    if (const auto forged = open_page(with, purpose_of(wanted), page, after)) return refuse(*forged);
    wanted.after = place_of(after);
    payments_gateway(with.behind)
        .list(wanted, [&with, &request, respond, refuse, wanted](const result<fraud_page>& found) {
          found ? respond(render(*found, wanted, with, request)) : refuse(problem_of(found.why()));
        });
  };
}

caller_handler fraud_rules(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    payments_gateway(with.behind)
        .find(fraud_rules_query{who.tenant->tenant}, [respond, refuse](const result<fraud_rules_view>& view) {
          view ? respond(to_response(word_rules(*view))) : refuse(problem_of(view.why()));
        });
  };
}

caller_handler set_fraud_rules_route(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    change_headers headers;
    if (const auto wrong = read_change(request, headers)) return refuse(*wrong);
    json::reader body(request.body);
    set_fraud_rules command;
    command.rules = read_rules(body.object());
    const auto wrong = body.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong) return refuse(*wrong);
    if (const auto unknown = wrong_query(request)) return refuse(*unknown);
    command.tenant = who.tenant->tenant;
    command.only_versions = headers.only_versions;
    command.origin = origin_of(request, who);
    fingerprint print;
    for (const auto& rule : command.rules)
      print.add(to_string(rule.kind)).add(to_string(rule.action)).add(rule.limit);
    add_versions(print, command.only_versions);
    const auto once = own_key(request, who, command.tenant, rules_template, headers.key, print);
    payments_gateway(with.behind)
        .change(
            repeatable<set_fraud_rules, fraud_rules_view>{std::move(command), once, word_rules},
            [respond, refuse](const result<kept_answer>& told) {
              told ? respond(to_response(*told)) : refuse(problem_of(told.why()));
            }
        );
  };
}

caller_handler approve_flagged(service& with) {
  return decide_route(with, true);
}
caller_handler reject_flagged(service& with) {
  return decide_route(with, false);
}

} // namespace tessera::http
