// POST /api/credits/holds: the first of two phases. The second is in hold_settling.cpp.
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/hold_json.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view hold_template = "POST /api/credits/holds";

hold_credits read_hold_fields(json::object& fields) {
  hold_credits command;
  command.amount = credits{fields.integer("credits", amount_rules)};
  if (const auto ttl = fields.optional_integer("ttlSeconds", {.least = 1, .most = most_hold_seconds.count()}))
    command.ttl = std::chrono::seconds{*ttl};
  command.meter = fields.optional_string("meter", {.most = 64}).value_or("");
  command.metadata = fields.optional_raw("metadata").value_or("");
  return command;
}

fingerprint fingerprint_of(const hold_credits& command, const entity_ref& entity) {
  fingerprint print;
  print.add(to_string(entity.type)).add(entity.id).add(command.amount.value());
  print.add(command.application).add(command.ttl.count()).add(command.meter).add(command.metadata);
  return print;
}

void send(const answering& to, permitted<hold_credits> asked) {
  to.with.behind.hold(
      std::move(asked.command),
      to.tenant,
      [to, entity = asked.at->ref()](const result<hold_view>& made) {
        made ? to.respond(answer_about(*made, entity, 201)) : to.refuse(made.why(), entity);
      }
  );
}

} // namespace

permitted<hold_credits> read_hold(call& from) {
  const auto entity = read_entity(from.fields);
  auto command = read_hold_fields(from.fields);
  const auto at = from.place(act::hold, entity);
  if (at.refused) return {at.refused, {}, nullptr};
  from.sign(command);
  command.account = at.found->account;
  command.idempotency = from.once(hold_template, fingerprint_of(command, entity));
  return {{}, std::move(command), at.found};
}

caller_handler hold(service& with) {
  return command_route<hold_credits>(with, read_hold, send);
}

} // namespace tessera::http
