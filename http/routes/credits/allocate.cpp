// POST /api/credits/allocate: credits move down the tree, all legs or none.
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/routes/credits/allocation_json.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/entity_fields.hpp"
#include "http/routes/credits/lot_choice_fields.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view route_template = "POST /api/credits/allocate";
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

struct receivers {
  std::vector<account_id> accounts; // of the legs, in their order
  std::optional<problem> refused;
};

/// Every receiver must be below the source. A leg that can't be read is the validation's to refuse.
receivers find_receivers(const caller& who, const directory_entity& from, const body_of_allocate& body) {
  receivers found;
  for (const auto& leg : body.legs) {
    if (leg.to.id.empty() || leg.to == body.from) continue;
    const auto at = find_entity(who, act::allocate, leg.to);
    if (at.refused) return {{}, at.refused};
    if (!who.tenant->covers(from.account, *at.found))
      return {
          {},
          simple_problem(
              403,
              "not_in_subtree",
              "The receiver is not below the source",
              std::string(to_string(leg.to.type)) + " " + leg.to.id + "."
          )};
    found.accounts.push_back(at.found->account);
  }
  return found;
}

void set_key(
    allocate_credits& command,
    const body_of_allocate& body,
    const tenant_id& tenant,
    std::string_view key,
    std::string_view application
) {
  command.caller_key = key;
  if (key.empty()) return;
  fingerprint print;
  print.add(to_string(body.from.type)).add(body.from.id).add(application);
  print.add(static_cast<std::int64_t>(body.legs.size()));
  for (const auto& leg : body.legs)
    print.add(to_string(leg.to.type)).add(leg.to.id).add(leg.amount.value());
  add_lot_choice(print, body.lots);
  command.idempotency = make_idempotency_key(tenant, route_template, key, print);
}

allocate_credits command_of(
    const caller& who, const directory_entity& from, const body_of_allocate& body, const receivers& to
) {
  allocate_credits command;
  command.account = from.account;
  for (std::size_t i = 0; i < body.legs.size(); ++i)
    command.legs.push_back({to.accounts[i], body.legs[i].amount, {}});
  command.lots = body.lots;
  command.requested_by = who.as_principal();
  return command;
}

} // namespace

caller_handler allocate(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    std::string_view key;
    if (const auto wrong = read_idempotency_key(request, key)) return refuse(*wrong);
    json::reader reader(request.body);
    const auto body = read(reader.object());
    const auto wrong = or_of_query(reader.refusal(), request.query);
    if (wrong && wrong->status == 400) return refuse(*wrong);
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    if (wrong && body.from.id.empty()) return refuse(*wrong);
    const auto from = find_entity(who, act::allocate, body.from);
    if (from.refused) return refuse(*from.refused);
    const auto to = find_receivers(who, *from.found, body);
    if (to.refused) return refuse(*to.refused);
    if (wrong) return refuse(*wrong);

    auto command = command_of(who, *from.found, body, to);
    command.request_id = request.request_id;
    command.until = std::chrono::steady_clock::now() + with.patience;
    set_key(command, body, who.tenant->tenant, key, who.application);
    with.behind.allocate(
        std::move(command),
        who.tenant->tenant,
        [respond, refuse, from = body.from, application = who.application](
            const result<allocation_outcome>& told
        ) { told ? respond(answer_about(*told, 200)) : refuse(problem_of(told.why(), from, application)); }
    );
  };
}

} // namespace tessera::http
