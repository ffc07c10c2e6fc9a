#include "http/routes/credits/simulation_json.hpp"

#include "http/routes/credits/nullable_fields.hpp"
#include "http/routes/credits/transaction_fields.hpp"
#include "http/routing/rejections.hpp"

#include <algorithm>
#include <cassert>
#include <initializer_list>

namespace tessera::http {

namespace {

bool is_one_of(entry_type type, std::initializer_list<entry_type> these) {
  return std::ranges::find(these, type) != these.end();
}

/// The last entry of one of these types: the command's own. Others may come before and after it: what is over
/// expires, what is owed is repaid.
const entry& last_of(const simulation& told, std::initializer_list<entry_type> types) {
  const auto last = std::find_if(told.events.rbegin(), told.events.rend(), [&](const account_event& each) {
    return is_one_of(each.booked.type, types);
  });
  assert(last != told.events.rend());
  return last->booked;
}

void write_entry(json::writer& out, const entry& e) {
  out.begin_object().field("type", to_string(e.type)).field("credits", e.units.value());
  if (const auto cause = cause_of(e); !cause.empty()) out.field("cause", cause);
  write_lots(out, e.slices);
  out.field("availableAfter", e.after.available.value()).field("reservedAfter", e.after.reserved.value());
  out.field("totalAfter", e.after.total().value()).field("debtAfter", e.after.debt.value()).end_object();
}

void write_entries(json::writer& out, const simulation& told) {
  out.key("entries").begin_array();
  for (const auto& each : told.events)
    write_entry(out, each.booked);
  out.end_array();
}

} // namespace

void write_spend_outcome(json::writer& out, const simulation& told) {
  const auto& spent = last_of(told, {entry_type::spend});
  out.field("credits", spent.units.value()).field("availableCredits", spent.usable_after.value());
}

void write_hold_outcome(json::writer& out, const simulation& told) {
  const auto last = std::find_if(told.events.rbegin(), told.events.rend(), [](const account_event& each) {
    return each.booked.hold.has_value();
  });
  assert(last != told.events.rend());
  const auto& mark = *last->booked.hold;
  out.field("credits", mark.amount.value()).field("captured", mark.captured.value());
  out.field("status", to_string(mark.state)).field("expiresAt", to_rfc3339(mark.ends_at));
  out.field("availableCredits", told.available.value());
}

void write_move_outcome(json::writer& out, const simulation& told) {
  using enum entry_type;
  credits moved;
  for (const auto& each : told.events)
    if (is_one_of(each.booked.type, {allocate_out, return_out, reclaim_out})) moved += each.booked.units;
  const auto& last = last_of(told, {allocate_out, return_out, reclaim_out});
  out.field("credits", moved.value()).field("fromBalance", last.after.available.value());
}

void write_reversal_outcome(json::writer& out, const simulation& told) {
  const auto& reversal = last_of(told, {entry_type::reverse});
  out.field("reversalOf", reversal.reference).field("credits", reversal.units.value());
  out.field("availableCredits", told.available.value());
}

/// The balance is that of the last entry: what is owed has been repaid by then.
void write_arrival_outcome(
    json::writer& out,
    const simulation& told,
    const std::string& expiry_date,
    const std::optional<time_point>& expires_at
) {
  using enum entry_type;
  out.field("credits", last_of(told, {purchase, grant, bonus}).units.value());
  out.field("newBalance", told.events.back().booked.after.available.value());
  write_text(out, "expiryDate", expiry_date);
  write_time(out, "expiresAt", expires_at);
}

void write_no_outcome(json::writer&, const simulation&) {}

response would_happen(const simulation& told, const outcome_writer& write, bool with_entries) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("allowed", true);
  out.field("wouldAllow", told.would_allow.value()).key("result").begin_object();
  write(out, told);
  if (with_entries) write_entries(out, told);
  out.end_object().end_object();
  return answer;
}

response would_be_refused(const rejection& why, const entity_ref& entity, std::string_view application) {
  const auto as_problem = problem_of(why, entity, application);
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true).field("allowed", false);
  out.field("wouldAllow", why.would_allow.value()).field("code", as_problem.code);
  out.field("detail", as_problem.detail.empty() ? as_problem.title : std::string_view(as_problem.detail));
  if (why.blocker != blocked_by::none) {
    write_blocked_by(out, why.blocker, entity, application);
    out.field("requested", why.requested.value()).field("availableCredits", why.available.value());
  }
  if (!why.state.empty()) out.field("state", why.state);
  out.end_object();
  return answer;
}

bool is_refusal_by_rules(errc code) {
  switch (code) { // the order of errors.hpp
  case errc::package_inactive:
  case errc::hold_not_open:
  case errc::too_many_holds:
  case errc::entity_frozen:
  case errc::amount_out_of_range:
  case errc::capture_exceeds_hold:
  case errc::nothing_to_reverse:
  case errc::insufficient_credits: return true;
  default: return false;
  }
}

} // namespace tessera::http
