#include "http/routes/credits/allocation_json.hpp"

#include "http/routes/credits/nullable_fields.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

void write_moved_lot(json::writer& out, const moved_lot& moved) {
  out.begin_object().key("lotId");
  moved.lot ? out.string(to_string(*moved.lot)) : out.null();
  out.field("rootLotId", to_string(moved.root)).field("parentLotId", to_string(moved.parent));
  write_text(out, "purchaseId", moved.purchase_id);
  out.field("kind", to_string(moved.kind)).field("credits", moved.amount.value());
  write_time(out, "expiresAt", moved.expires_at);
  write_text(out, "expiryDate", moved.expiry_date);
  out.end_object();
}

void write_leg(json::writer& out, const allocated_leg& leg) {
  out.begin_object().field("toEntityType", to_string(leg.to.type)).field("toEntityId", leg.to.id);
  out.field("credits", leg.amount.value()).key("newBalance");
  leg.new_balance ? out.integer(leg.new_balance->value()) : out.null();
  out.key("lots").begin_array();
  for (const auto& moved : leg.lots)
    write_moved_lot(out, moved);
  out.end_array().field("status", to_string(leg.status)).end_object();
}

/// The lots that moved are the giver's, too; what they became is not.
void forget_receiver(allocated_leg& leg) {
  leg.new_balance.reset();
  for (auto& moved : leg.lots)
    moved.lot.reset();
}

void write_legs(json::writer& out, const tessera::allocation& made) {
  out.key("allocations").begin_array();
  for (const auto& leg : made.legs)
    write_leg(out, leg);
  out.end_array();
}

/// Which way the credits went.
std::string_view kind_of(const tessera::allocation& made) {
  switch (made.kind) {
  case inbox_kind::give_back: return "return";
  case inbox_kind::reclaim: return "reclaim";
  default: return "allocation";
  }
}

} // namespace

void write_allocation(json::writer& out, const tessera::allocation& made) {
  credits sum;
  for (const auto& leg : made.legs)
    sum += leg.amount;
  out.field("allocationId", made.id).field("kind", kind_of(made));
  out.field("fromEntityType", to_string(made.from.type)).field("fromEntityId", made.from.id);
  out.field("credits", sum.value()).field("status", has_pending_leg(made) ? "pending" : "completed");
  write_legs(out, made);
  out.field("createdAt", to_rfc3339(made.created_at));
}

bool has_pending_leg(const tessera::allocation& made) {
  return std::any_of(made.legs.begin(), made.legs.end(), [](const allocated_leg& leg) {
    return leg.status == leg_status::pending;
  });
}

response answer_about(const allocation_outcome& told, unsigned status, bool may_read_receivers) {
  auto made = told.made;
  if (!may_read_receivers)
    for (auto& leg : made.legs)
      forget_receiver(leg);
  response answer;
  answer.status = has_pending_leg(made) ? 202 : status;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("allocationId", made.id).field("kind", kind_of(made));
  out.field("fromBalance", made.from_balance.value());
  write_legs(out, made);
  out.field("replayed", told.replayed).end_object();
  if (told.replayed) answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

void forget_unread(tessera::allocation& made, const visible_accounts& visible) {
  if (!visible) return;
  for (auto& leg : made.legs)
    if (std::ranges::find(*visible, leg.account) == visible->end()) forget_receiver(leg);
}

visible_accounts visible_to(const caller& who) {
  const auto readable = reach_of(who.rights, act::read_ledger, *who.tenant);
  if (readable.whole) return std::nullopt;
  std::vector<account_id> accounts;
  for (const auto& entity : who.tenant->tree.all())
    if (readable.includes(*who.tenant, entity)) accounts.push_back(entity.account);
  return accounts;
}

} // namespace tessera::http
