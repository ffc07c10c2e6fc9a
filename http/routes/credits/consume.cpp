// POST /api/credits/consume: the metering call.
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routing/rejections.hpp"

#include <utility>

namespace tessera::http {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view route_template = "POST /api/credits/consume";
constexpr auto oldest_event = 7 * 24h;
constexpr auto youngest_event = 5min;

struct body_of_consume {
  entity_ref entity;
  consume_credits command;
};

void read_occurred_at(json::object& fields, consume_credits& into) {
  const auto at = fields.optional_time("occurredAt");
  if (!at) return;
  into.occurred_at = from_microseconds(*at);
  const auto now = std::chrono::system_clock::now();
  if (*into.occurred_at < now - oldest_event)
    fields.reject("occurredAt", "event_too_old", "At most 7 days in the past.");
  if (*into.occurred_at > now + youngest_event)
    fields.reject("occurredAt", "event_in_future", "At most 5 minutes in the future.");
}

body_of_consume read(json::object fields) {
  body_of_consume body;
  body.entity = read_entity(fields);
  auto& command = body.command;
  command.amount = credits{fields.integer("credits", amount_rules)};
  command.event_id = fields.optional_string("eventId", {.most = 255}).value_or("");
  command.meter = fields.optional_string("meter", {.most = 64}).value_or("");
  command.metadata = fields.optional_raw("metadata").value_or("");
  read_occurred_at(fields, command);
  return body;
}

/// An item's key is its eventId; without one, the call's.
void set_key(
    consume_credits& command, const tenant_id& tenant, const entity_ref& entity, std::string_view header_key
) {
  command.caller_key = header_key;
  const auto key = command.event_id.empty() ? header_key : std::string_view(command.event_id);
  if (key.empty()) return;
  fingerprint print;
  print.add(to_string(entity.type)).add(entity.id).add(command.amount.value()).add(command.application);
  print.add(command.meter).add(command.metadata).add(command.event_id);
  print.add(command.occurred_at ? to_microseconds(*command.occurred_at) : 0);
  command.idempotency = make_idempotency_key(tenant, route_template, key, print);
}

response render(const consume_receipt& receipt) {
  response answer;
  json::writer out(answer.body);
  out.begin_object()
      .field("success", true)
      .field("transactionId", transaction_id(receipt.account, receipt.seq));
  out.field("credits", receipt.amount.value()).field("availableCredits", receipt.available.value());
  out.field("replayed", receipt.replayed).end_object();
  answer.headers.emplace_back("X-Balance-Seq", std::to_string(receipt.seq));
  if (receipt.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

} // namespace

caller_handler consume(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view header_key;
    if (const auto wrong = read_idempotency_key(request, header_key)) return refuse(*wrong);
    json::reader reader(request.body);
    auto body = read(reader.object());
    const auto wrong = reader.refusal();
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    const auto entity = std::move(body.entity);
    if (wrong && entity.id.empty()) return refuse(*wrong);
    const auto at = find_entity(who, entity);
    if (at.refused) return refuse(*at.refused);
    if (wrong) return refuse(*wrong);

    auto& command = body.command;
    command.account = at.found->account;
    command.application = who.application;
    command.requested_by = who.as_principal();
    command.request_id = request.request_id;
    command.until = std::chrono::steady_clock::now() + with.patience;
    set_key(command, who.tenant->tenant, entity, header_key);
    with.behind.consume(
        std::move(command),
        [respond, refuse, entity, application = who.application](const result<consume_receipt>& receipt) {
          receipt ? respond(render(*receipt)) : refuse(problem_of(receipt.why(), entity, application));
        }
    );
  };
}

std::string transaction_id(const account_id& account, std::uint64_t seq) {
  std::string id = "txn-";
  for (const auto c : to_string(account))
    if (c != '-') id += c;
  return id + "-" + std::to_string(seq);
}

} // namespace tessera::http
