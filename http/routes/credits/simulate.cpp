// POST /api/credits/simulate: what a call would do, by the same code as far as the account, with nothing
// stored (contract 4).
#include "http/routes/credits/commands.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/simulation_json.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tessera::http {

namespace {

/// Who asks where, and what they may know of it.
struct asker {
  answering to;
  entity_ref entity;
  bool reads = false; // the entity's ledger
};

asker asker_of(const call& from, const responder& respond, const directory_entity& at) {
  const auto reads = may(from.who.rights, act::read_ledger, *from.who.tenant, &at) == verdict::allowed;
  return {{from.with, from.from, respond, from.who.tenant->tenant, from.who.application}, at.ref(), reads};
}

/// What the account says is told; what the real route would answer with another status for every amount is
/// that problem.
callback<simulation> tell(const asker& who, outcome_writer write) {
  return [who, write = std::move(write)](const result<simulation>& told) {
    const auto& to = who.to;
    if (told) return to.respond(would_happen(*told, write, who.reads));
    is_refusal_by_rules(told.code()) ? to.respond(would_be_refused(told.why(), who.entity, to.application))
                                     : to.refuse(told.why(), who.entity);
  };
}

template <class Command, command_reader<Command> read, void (*write)(json::writer&, const simulation&)>
void try_out(call& from, const responder& respond) {
  auto asked = read(from);
  if (asked.refused) return respond(to_response(*asked.refused, from.from));
  const auto who = asker_of(from, respond, *asked.at);
  from.with.behind.simulate(std::move(asked.command), who.to.tenant, tell(who, write));
}

/// Of a hold that the path of the real route names.
template <class Command, command_reader<Command> read>
void try_out_on_hold(call& from, const responder& respond) {
  from.id = from.fields.string("holdId", {.most = 64});
  try_out<Command, read, write_hold_outcome>(from, respond);
}

void try_reversal(call& from, const responder& respond) {
  auto asked = read_reversal(from);
  if (asked.refused) return respond(to_response(*asked.refused, from.from));
  from.with.behind.simulate(
      std::move(asked.command.command),
      std::move(asked.command.which),
      tell(asker_of(from, respond, *asked.at), write_reversal_outcome)
  );
}

/// As they would arrive.
void try_arrival(const asker& who, receive_credits arriving) {
  const auto& lot = arriving.lots.front();
  auto write = [expiry_date = lot.expiry_date,
                expires_at = lot.expires_at](json::writer& out, const simulation& told) {
    write_arrival_outcome(out, told, expiry_date, expires_at);
  };
  who.to.with.behind.simulate(std::move(arriving), who.to.tenant, tell(who, std::move(write)));
}

receive_credits arrival_of(const account_id& account, inbox_kind kind, lot_kind of, credits amount) {
  receive_credits arriving;
  arriving.account = account;
  arriving.kind = kind;
  auto& lot = arriving.lots.emplace_back();
  lot.kind = of;
  lot.amount = lot.free = amount;
  return arriving;
}

/// Once it is known when they end.
void try_arrival_until(const asker& who, const validity_query& end, receive_credits arriving) {
  who.to.with.behind.find(end, [who, arriving = std::move(arriving)](const result<validity>& until) mutable {
    if (!until) return who.to.refuse(until.why(), who.entity);
    arriving.lots.front().expiry_date = until->expiry_date;
    arriving.lots.front().expires_at = until->expires_at;
    try_arrival(who, std::move(arriving));
  });
}

void try_grant(call& from, const responder& respond) {
  const auto asked = read_grant(from);
  if (asked.refused) return respond(to_response(*asked.refused, from.from));
  const auto& command = asked.command;
  if (command.expires_at && *command.expires_at <= from.with.now())
    return respond(to_response(end_has_passed(from.fields.need("expiresAt").pointer()), from.from));
  auto arriving = arrival_of(command.account, inbox_kind::grant, command.kind, command.amount);
  auto& lot = arriving.lots.front();
  lot.priority = command.priority;
  lot.applications = command.applications;
  const auto who = asker_of(from, respond, *asked.at);
  if (!command.validity_days && !command.expires_at) return try_arrival(who, std::move(arriving));
  const validity_query end{who.to.tenant, command.validity_days, command.expires_at};
  try_arrival_until(who, end, std::move(arriving));
}

void try_purchase(call& from, const responder& respond) {
  const auto asked = read_purchase(from);
  if (asked.refused) return respond(to_response(*asked.refused, from.from));
  const auto& command = asked.command;
  from.with.behind.find(
      package_query{command.tenant, command.package_id},
      [who = asker_of(from, respond, *asked.at),
       account = command.account](const result<credit_package>& sold) {
        const auto& to = who.to;
        if (!sold) return to.refuse(sold.why(), who.entity);
        if (!sold->active)
          return to.respond(would_be_refused(errc::package_inactive, who.entity, to.application));
        auto arriving = arrival_of(account, inbox_kind::purchase, lot_kind::paid, sold->amount);
        try_arrival_until(who, {to.tenant, sold->validity_days, {}}, std::move(arriving));
      }
  );
}

struct operation {
  std::string_view name;
  act door; // of the real route
  void (*run)(call& from, const responder& respond);
};
// clang-format off
constexpr std::array operations{
    operation{"consume",  act::spend,     try_out<consume_credits, read_consume, write_spend_outcome>},
    operation{"hold",     act::hold,      try_out<hold_credits, read_hold, write_hold_outcome>},
    operation{"capture",  act::hold,      try_out_on_hold<capture_hold, read_capture>},
    operation{"release",  act::hold,      try_out_on_hold<release_hold, read_release>},
    operation{"allocate", act::allocate,  try_out<allocate_credits, read_allocate, write_move_outcome>},
    operation{"return",   act::give_back, try_out<allocate_credits, read_give_back, write_move_outcome>},
    operation{"reclaim",  act::allocate,  try_out<allocate_credits, read_reclaim, write_move_outcome>},
    operation{"reversal", act::reverse,   try_reversal},
    operation{"grant",    act::grant,     try_grant},
    operation{"purchase", act::purchase,  try_purchase},
    operation{"freeze",   act::freeze,    try_out<change_freeze, read_freeze, write_no_outcome>},
    operation{"unfreeze", act::freeze,    try_out<change_freeze, read_unfreeze, write_no_outcome>},
};
// clang-format on

const operation* read_operation(json::object& fields) {
  const auto name = fields.string("operation", {.most = 64});
  const auto* found = std::ranges::find(operations, name, &operation::name);
  if (found != operations.end()) return found;
  std::string known = "One of";
  for (const auto& each : operations)
    known.append(&each == operations.begin() ? " " : ", ").append(each.name);
  fields.reject("operation", "unknown_operation", known + ".");
  return nullptr;
}

} // namespace

caller_handler simulate(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    json::reader body(request.body);
    auto fields = body.object();
    const auto* what = read_operation(fields);
    auto asked = fields.object_at("request");
    if (what)
      if (const auto nowhere = why_may_not(who, what->door)) return refuse(*nowhere);
    call from{with, request, who, body, asked, {}, {}};
    if (what) return what->run(from, respond);
    asked.ignore_unread(); // nobody knows what it should look like
    const auto nothing = from.place(false, [] { return entity_search{}; });
    refuse(*nothing.refused);
  };
}

} // namespace tessera::http
