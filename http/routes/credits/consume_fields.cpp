#include "http/routes/credits/consume_fields.hpp"

#include "http/auth/idempotency.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "messages/entry_names.hpp"

#include <utility>

namespace tessera::http {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view consume_template = "POST /api/credits/consume";
constexpr auto oldest_event = 7 * 24h;
constexpr auto youngest_event = 5min;

fingerprint
fingerprint_of(const consume_credits& command, const entity_ref& entity, std::string_view metadata) {
  fingerprint print;
  print.add(to_string(entity.type)).add(entity.id).add(command.amount.value()).add(command.application);
  print.add(command.meter).add(metadata).add(command.event_id);
  print.add(command.occurred_at ? to_microseconds(*command.occurred_at) : 0);
  return print;
}

} // namespace

void read_occurred_at(
    json::object& fields,
    std::string_view name,
    const json::time_rules& rules,
    time_point now,
    consume_credits& into
) {
  const auto at = fields.optional_time(name, rules);
  if (!at) return;
  into.occurred_at = from_microseconds(*at);
  if (*into.occurred_at < now - oldest_event)
    fields.reject(name, "event_too_old", "At most 7 days in the past.");
  if (*into.occurred_at > now + youngest_event)
    fields.reject(name, "event_in_future", "At most 5 minutes in the future.");
}

spend_request read_spend(json::object fields, time_point now) {
  spend_request asked;
  asked.entity = read_entity(fields);
  auto& command = asked.command;
  command.amount = credits{fields.integer("credits", amount_rules)};
  command.event_id = fields.optional_string("eventId", {.most = 255}).value_or("");
  command.meter = fields.optional_string("meter", {.most = 64}).value_or("");
  command.metadata = fields.optional_raw("metadata").value_or("");
  read_occurred_at(fields, "occurredAt", {}, now, command);
  return asked;
}

consume_credits complete(spend_request asked, const spend_origin& from, std::string_view otherwise) {
  auto command = std::move(asked.command);
  command.account = from.account;
  command.application = from.who.application;
  command.requested_by = from.who.as_principal();
  command.request_id = from.request_id;
  command.until = from.until;
  command.caller_key = otherwise;
  const auto key = command.event_id.empty() ? otherwise : std::string_view(command.event_id);
  if (!key.empty())
    command.idempotency = make_idempotency_key(
        from.who.tenant->tenant,
        consume_template,
        key,
        fingerprint_of(command, asked.entity, asked.own_metadata ? *asked.own_metadata : command.metadata)
    );
  return command;
}

void write_receipt(json::writer& out, const consume_receipt& receipt) {
  out.field("success", true).field("transactionId", transaction_id_of({receipt.account, receipt.seq}));
  out.field("credits", receipt.amount.value()).field("availableCredits", receipt.available.value());
  out.field("replayed", receipt.replayed);
}

} // namespace tessera::http
