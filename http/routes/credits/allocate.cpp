// POST /api/credits/allocate: credits move down the tree, all legs or none.
#include "http/routes/credits/allocation_json.hpp"
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/lot_choice_fields.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view allocate_template = "POST /api/credits/allocate";
constexpr std::size_t most_legs = 100;

struct leg_of_body {
  entity_ref to;
  credits amount;
};

struct body_of_allocate {
  entity_ref from;
  std::vector<leg_of_body> legs;
  lot_choice lots;
};

/// The same destination twice, and the source itself, are mistakes of the request alone.
void check_destination(json::object& fields, const body_of_allocate& body, const entity_ref& to) {
  if (to.id.empty()) return;
  if (to == body.from) fields.reject("toEntityId", "same_entity", "An entity does not allocate to itself.");
  const auto stands_there = [&to](const leg_of_body& leg) { return leg.to == to; };
  if (std::any_of(body.legs.begin(), body.legs.end(), stands_there))
    fields.reject("toEntityId", "duplicate_destination", "One leg for each receiver.");
}

void read_legs(json::object& root, body_of_allocate& body) {
  for (const auto item : root.array("allocations", {.least = 1, .most = most_legs})) {
    auto fields = item.object();
    const auto to = read_entity(fields, "toEntityType", "toEntityId");
    const credits amount{fields.integer("credits", amount_rules)};
    check_destination(fields, body, to);
    body.legs.push_back({to, amount});
  }
}

body_of_allocate read(json::object root) {
  body_of_allocate body;
  body.from = read_entity(root, "fromEntityType", "fromEntityId");
  read_legs(root, body);
  body.lots = read_lot_choice(root);
  return body;
}

/// Every receiver must be below the source: their accounts, in the order of the legs. A leg that can't be
/// read is the validation's to refuse.
std::optional<problem> find_receivers(
    const caller& who,
    const directory_entity& from,
    const body_of_allocate& body,
    std::vector<account_id>& accounts
) {
  for (const auto& leg : body.legs) {
    if (leg.to.id.empty() || leg.to == body.from) continue;
    const auto at = find_entity(who, act::allocate, leg.to);
    if (at.refused) return at.refused;
    if (!who.tenant->covers(from.account, *at.found))
      return simple_problem(
          403,
          "not_in_subtree",
          "The receiver is not below the source",
          std::string(to_string(leg.to.type)) + " " + leg.to.id + "."
      );
    accounts.push_back(at.found->account);
  }
  return std::nullopt;
}

fingerprint fingerprint_of(const body_of_allocate& body, std::string_view application) {
  fingerprint print;
  print.add(to_string(body.from.type)).add(body.from.id).add(application);
  print.add(static_cast<std::int64_t>(body.legs.size()));
  for (const auto& leg : body.legs)
    print.add(to_string(leg.to.type)).add(leg.to.id).add(leg.amount.value());
  add_lot_choice(print, body.lots);
  return print;
}

void send(const answering& to, permitted<allocate_credits> asked) {
  to.with.behind.allocate(
      std::move(asked.command),
      to.tenant,
      [to, entity = asked.at->ref()](const result<allocation_outcome>& told) {
        told ? to.respond(answer_about(*told, 200)) : to.refuse(told.why(), entity);
      }
  );
}

} // namespace

permitted<allocate_credits> read_allocate(call& from) {
  const auto body = read(from.fields);
  std::vector<account_id> receivers;
  const auto at = from.place(act::allocate, body.from, [&](const directory_entity& source) {
    return find_receivers(from.who, source, body, receivers);
  });
  if (at.refused) return {at.refused, {}, nullptr};
  allocate_credits command;
  from.sign(command);
  command.account = at.found->account;
  for (std::size_t i = 0; i < body.legs.size(); ++i)
    command.legs.push_back({receivers[i], body.legs[i].amount, {}});
  command.lots = body.lots;
  command.idempotency = from.once(allocate_template, fingerprint_of(body, from.who.application));
  return {{}, std::move(command), at.found};
}

caller_handler allocate(service& with) {
  return command_route<allocate_credits>(with, read_allocate, send);
}

} // namespace tessera::http
