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

answering answer_of(const call& from, const responder& respond) {
  return {from.with, from.from, respond, from.who.tenant->tenant, from.who.application};
}

/// What the account says is told; what the real route would answer with another status for every amount is
/// that problem.
callback<simulation> tell(const answering& to, const entity_ref& entity, outcome_writer write) {
  return [to, entity, write = std::move(write)](const result<simulation>& told) {
    if (told) return to.respond(would_happen(*told, write));
    is_refusal_by_rules(told.code()) ? to.respond(would_be_refused(told.why(), entity, to.application))
                                     : to.refuse(told.why(), entity);
  };
}

template <class Command, command_reader<Command> read, void (*write)(json::writer&, const simulation&)>
void try_out(call& from, const responder& respond) {
  auto asked = read(from);
  if (asked.refused) return respond(to_response(*asked.refused, from.from));
  const auto to = answer_of(from, respond);
  from.with.behind.simulate(std::move(asked.command), to.tenant, tell(to, asked.at->ref(), write));
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
  const auto to = answer_of(from, respond);
  from.with.behind.simulate(
      std::move(asked.command.command),
      std::move(asked.command.which),
      tell(to, asked.at->ref(), write_reversal_outcome)
  );
}

/// As they would arrive.
void try_arrival(const answering& to, const entity_ref& entity, receive_credits arriving) {
  const auto& lot = arriving.lots.front();
  auto write = [expiry_date = lot.expiry_date,
                expires_at = lot.expires_at](json::writer& out, const simulation& told) {
    write_arrival_outcome(out, told, expiry_date, expires_at);
  };
  to.with.behind.simulate(std::move(arriving), to.tenant, tell(to, entity, std::move(write)));
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
void try_arrival_until(
    const answering& to, const entity_ref& entity, const validity_query& end, receive_credits arriving
) {
  to.with.behind.find(
      end,
      [to, entity, arriving = std::move(arriving)](const result<validity>& until) mutable {
        if (!until) return to.refuse(until.why(), entity);
        arriving.lots.front().expiry_date = until->expiry_date;
        arriving.lots.front().expires_at = until->expires_at;
        try_arrival(to, entity, std::move(arriving));
      }
  );
}

void try_grant(call& from, const responder& respond) {
  const auto asked = read_grant(from);
  if (asked.refused) return respond(to_response(*asked.refused, from.from));
  const auto& command = asked.command;
  auto arriving = arrival_of(command.account, inbox_kind::grant, command.kind, command.amount);
  auto& lot = arriving.lots.front();
  lot.priority = command.priority;
  lot.applications = command.applications;
  const auto to = answer_of(from, respond);
  const auto entity = asked.at->ref();
  if (!command.validity_days && !command.expires_at) return try_arrival(to, entity, std::move(arriving));
  const validity_query end{to.tenant, command.validity_days, command.expires_at};
  try_arrival_until(to, entity, end, std::move(arriving));
}

void try_purchase(call& from, const responder& respond) {
  const auto asked = read_purchase(from);
  if (asked.refused) return respond(to_response(*asked.refused, from.from));
  const auto& command = asked.command;
  from.with.behind.find(
      package_query{command.tenant, command.package_id},
      [to = answer_of(from, respond),
       entity = asked.at->ref(),
       account = command.account](const result<credit_package>& sold) {
        if (!sold) return to.refuse(sold.why(), entity);
        if (!sold->active)
          return to.respond(would_be_refused(errc::package_inactive, entity, to.application));
        auto arriving = arrival_of(account, inbox_kind::purchase, lot_kind::paid, sold->amount);
        try_arrival_until(to, entity, {to.tenant, sold->validity_days, {}}, std::move(arriving));
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
    operation{"freeze",   act::freeze,    try_out<change_freeze, read_freeze, write_entries>},
    operation{"unfreeze", act::freeze,    try_out<change_freeze, read_unfreeze, write_entries>},
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
