#include "tools/paysim/control/control.hpp"

#include "tools/paysim/api/endpoint.hpp"
#include "tools/paysim/payments/charges.hpp"
#include "tools/paysim/payments/disputes.hpp"
#include "tools/paysim/payments/intents.hpp"
#include "tools/paysim/payments/refunds.hpp"
#include "tools/paysim/payments/setup_intents.hpp"
#include "tools/paysim/webhooks/endpoints.hpp"

#include <algorithm>

namespace tessera::paysim {

namespace {

form_node form_of(const json::value& from) {
  form_node node;
  if (from.is_object())
    for (const auto& [name, value] : from.get_object())
      node.members.emplace_back(name, form_of(value));
  else if (from.is_array())
    for (const auto& value : from.get_array())
      node.members.emplace_back(std::to_string(node.members.size()), form_of(value));
  else if (from.is_string())
    node.text = from.get_string();
  else if (!from.is_null())
    node.text = json::serialize(from);
  return node;
}

form_node read_body(const http::request& from) {
  form_node form;
  if (from.body.empty()) return form;
  if (from.header("Content-Type").value_or("").starts_with("application/json")) {
    json::error_code wrong;
    const auto parsed = json::parse(from.body, wrong);
    if (wrong || !parsed.is_object()) throw invalid_request("The body is no JSON object.");
    return form_of(parsed);
  }
  decode_form(from.body, form);
  return form;
}

json::value overview(const call& of) {
  const auto& counted = of.account.hooks.counted();
  return document{
      {"now", of.account.now()},
      {"api_version", api_version},
      {"webhooks",
       {{"sent", counted.sent},
        {"delivered", counted.delivered},
        {"failed", counted.failed},
        {"dropped", counted.dropped},
        {"given_up", counted.given_up},
        {"waiting", of.account.hooks.waiting()}}}};
}

json::value set_clock(const call& of) {
  const auto seconds = of.params.required_integer("advance_seconds");
  of.params.done();
  if (seconds < 0) throw invalid_request("The clock goes forward only.", "advance_seconds");
  of.account.clock.advance(seconds * 1'000);
  return overview(of);
}

json::value set_webhooks(const call& of) {
  const auto paused = of.params.boolean("paused");
  const auto chaos = of.params.boolean("chaos");
  const auto dropped = of.params.integer("drop");
  of.params.done();
  if (chaos) of.account.hooks.set_chaos(*chaos);
  if (dropped) of.account.hooks.drop(static_cast<std::size_t>(std::max<std::int64_t>(*dropped, 0)));
  if (paused && *paused) of.account.hooks.pause();
  if (paused && !*paused) of.account.hooks.resume();
  return overview(of);
}

json::value add_endpoint(const call& of) {
  const auto url = of.params.required_text("url");
  const auto secret = of.params.text("secret").value_or("");
  of.params.done();
  document shown_once = add_webhook_endpoint(of.account, url, secret);
  shown_once["secret"] = shown_once["_secrets"].get_array().front();
  return shown_once;
}

json::value rotate_secret(const call& of) {
  const auto secret = of.params.text("secret").value_or("");
  const bool keeps_old = of.params.boolean("keep_old").value_or(true);
  of.params.done();
  auto& endpoint = of.account.get("webhook_endpoint", of.ids.front(), "endpoint", 404);
  change_secret(of.account, endpoint, secret, keeps_old);
  document shown_once = endpoint;
  shown_once["secret"] = endpoint["_secrets"].get_array().front();
  return shown_once;
}

json::value resend(const call& of) {
  of.params.done();
  const auto& event = of.account.get("event", of.ids.front(), "event", 404);
  of.account.hooks.resend(event);
  return event;
}

document& charge_named(const call& of) {
  if (const auto charge = of.params.text("charge")) return of.account.get("charge", *charge, "charge");
  const auto intent = of.params.required_text("payment_intent");
  auto* found = latest_charge(of.account, of.account.get("payment_intent", intent, "payment_intent"));
  if (!found) throw state_error("", "The payment intent has no charge.", "payment_intent");
  return *found;
}

json::value dispute(const call& of) {
  auto& charge = charge_named(of);
  const auto reason = of.params.text("reason").value_or("fraudulent");
  const auto amount = of.params.integer("amount").value_or(0);
  const bool is_inquiry = of.params.boolean("inquiry").value_or(false);
  of.params.done();
  return open_dispute(of.account, charge, {reason, amount, is_inquiry});
}

json::value close(const call& of) {
  auto& dispute = of.account.get("dispute", of.ids.front(), "dispute", 404);
  const auto outcome = of.params.choice("outcome", {"won", "lost"});
  of.params.done();
  if (!outcome) throw missing_parameter("outcome");
  close_dispute(of.account, dispute, *outcome == "won");
  return dispute;
}

json::value refund(const call& of) {
  auto& charge = charge_named(of);
  const auto left = number_of(charge, "amount_captured") - number_of(charge, "amount_refunded");
  const auto amount = of.params.integer("amount").value_or(left);
  of.params.done();
  if (amount < 1) throw invalid_request("The amount must be positive.", "amount");
  return make_refund(of.account, charge, amount, "requested_by_customer", {});
}

json::value fail(const call& of) {
  auto& refund = of.account.get("refund", of.ids.front(), "refund", 404);
  const auto reason = of.params.text("reason").value_or("expired_or_canceled_card");
  of.params.done();
  fail_refund(of.account, refund, reason);
  return refund;
}

json::value authenticate(const call& of) {
  const auto outcome = of.params.choice("outcome", {"complete", "fail"});
  of.params.done();
  if (!outcome) throw missing_parameter("outcome");
  auto* payment = of.account.documents.find("payment_intent", of.ids.front());
  auto& intent = payment ? *payment : of.account.get("setup_intent", of.ids.front(), "intent", 404);
  if (text_of(intent, "status") != "requires_action")
    throw state_error("", "The bank is not waiting for the payer.");
  if (payment)
    answer_challenge(of.account, intent, *outcome == "complete");
  else
    answer_setup_challenge(of.account, intent, *outcome == "complete");
  return intent;
}

endpoint planning(failures& failing) {
  return [&failing](const call& of) -> json::value {
    failure next;
    next.method = of.params.text("method").value_or("");
    next.path = of.params.text("path").value_or("");
    next.times = of.params.integer("times").value_or(1);
    next.delay_ms = of.params.integer("delay_ms").value_or(0);
    next.has_effect = of.params.boolean("effect").value_or(false);
    next.is_answered = of.params.boolean("answer").value_or(true);
    const auto status = of.params.integer("status").value_or(0);
    next.is_saved = of.params.boolean("saved").value_or(status == 500);
    of.params.done();
    if (status != 0 && (status < 400 || status > 599))
      throw invalid_request("No status of an error.", "status");
    next.status = static_cast<unsigned>(status);
    failing.add(next);
    return document{{"planned", true}};
  };
}

endpoint forgetting(failures& failing) {
  return [&failing](const call&) -> json::value {
    failing.clear();
    return document{{"planned", false}};
  };
}

http::route row(sandbox& account, const endpoint_row& given) {
  auto handle = [&account, run = given.run](http::request& from, const http::responder& respond) {
    account.clock.run_due();
    http::response answer;
    try {
      const auto form = read_body(from);
      const std::vector<std::string> ids(from.parameters.begin(), from.parameters.end());
      answer.body = to_json(shown(run({account, parameters(form), std::string{from.path}, ids})));
    } catch (const api_error& error) {
      answer = {.status = error.status, .body = to_json(error_document(error))};
    }
    respond(std::move(answer));
  };
  return {given.method, given.path, std::move(handle), 64 * 1024, ""};
}

} // namespace

std::vector<http::route> control_routes(sandbox& account, failures& failing) {
  const endpoint_table table{
      {"GET", "/_sandbox", overview},
      {"POST", "/_sandbox/clock", set_clock},
      {"POST", "/_sandbox/failures", planning(failing)},
      {"DELETE", "/_sandbox/failures", forgetting(failing)},
      {"POST", "/_sandbox/webhooks", set_webhooks},
      {"POST", "/_sandbox/webhook_endpoints", add_endpoint},
      {"POST", "/_sandbox/webhook_endpoints/:id/secret", rotate_secret},
      {"POST", "/_sandbox/events/:id/resend", resend},
      {"POST", "/_sandbox/disputes", dispute},
      {"POST", "/_sandbox/disputes/:id/close", close},
      {"POST", "/_sandbox/refunds", refund},
      {"POST", "/_sandbox/refunds/:id/fail", fail},
      {"POST", "/_sandbox/intents/:id/authenticate", authenticate},
  };
  std::vector<http::route> rows;
  for (const auto& each : table)
    rows.push_back(row(account, each));
  return rows;
}

} // namespace tessera::paysim
