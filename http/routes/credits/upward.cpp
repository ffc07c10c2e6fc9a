#include "http/routes/credits/upward.hpp"

#include "http/routes/credits/allocation_json.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/lot_choice_fields.hpp"

#include <utility>

namespace tessera::http {

namespace {

std::string_view template_of(inbox_kind kind) {
  return kind == inbox_kind::reclaim ? "POST /api/credits/reclaim" : "POST /api/credits/return";
}

fingerprint print_of(const upward_body& body, std::string_view application) {
  fingerprint print;
  print.add(to_string(body.from.type)).add(body.from.id).add(application).add(body.amount.value());
  print.add(body.to ? to_string(body.to->type) : "").add(body.to ? body.to->id : "");
  add_lot_choice(print, body.lots);
  return print;
}

/// What an entity has: told to who may read it, or move it.
bool may_know_of(const caller& who, const directory_entity& entity) {
  const auto allowed = [&](act what) {
    return may(who.rights, what, *who.tenant, &entity) == verdict::allowed;
  };
  return allowed(act::read_ledger) || allowed(act::allocate);
}

} // namespace

void read_upward(json::object& fields, upward_body& body, std::string_view type_field) {
  body.amount = credits{fields.integer("credits", amount_rules)};
  body.lots = read_lot_choice(fields);
  if (!body.from.id.empty() && body.from.type == entity_type::tenant)
    fields.reject(type_field, "no_parent", "There is nobody above a tenant.");
}

permitted<allocate_credits> command_upward(
    call& asked,
    inbox_kind kind,
    const upward_body& body,
    const directory_entity& giver,
    const directory_entity& receiver
) {
  allocate_credits command;
  asked.sign(command);
  command.account = giver.account;
  command.kind = kind;
  command.legs = {{receiver.account, body.amount, {}}};
  command.lots = body.lots;
  command.idempotency = asked.once(template_of(kind), print_of(body, asked.who.application));
  return {{}, std::move(command), &giver, may_know_of(asked.who, receiver)};
}

void send_up(const answering& to, permitted<allocate_credits> asked) {
  to.with.behind.allocate(
      std::move(asked.command),
      to.tenant,
      [to, entity = asked.at->ref(), may_read = asked.may_read](const result<allocation_outcome>& told) {
        told ? to.respond(answer_about(*told, 201, may_read)) : to.refuse(told.why(), entity);
      }
  );
}

} // namespace tessera::http
