#pragma once

#include "actors/domain/burn_down.hpp"
#include "actors/domain/credit_account.hpp"
#include "actors/domain/holds.hpp"
#include "messages/freezes.hpp"
#include "messages/instructions.hpp"
#include "messages/reversals.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

namespace tessera {

inline void PrintTo(credits value, std::ostream* out) {
  *out << value.value();
}
inline void PrintTo(const slice& part, std::ostream* out) {
  *out << part.units.value() << " from lot " << static_cast<int>(part.lot.value.bytes[15]);
}

} // namespace tessera

/// Accounts, lots and commands for tests: what a test does not say is the same everywhere.
namespace tessera::test {

/// The "now" of tests: 2026-01-01T00:00:00Z.
inline constexpr time_point start_of_test{std::chrono::sys_days{std::chrono::January / 1 / 2026}};
inline constexpr time_point::duration tick{1};

/// The n-th id of a test, any kind: a uuid whose last bytes are n.
template <class Id> Id numbered(std::uint32_t n) {
  uuid value;
  for (std::size_t i = 0; i < 4; ++i)
    value.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return Id{value};
}

inline const auto test_account = numbered<account_id>(0xacc);
inline const auto test_tenant = numbered<tenant_id>(0x7e4);

/// Says something about a lot: `with_lot(300, expires_in(90d), priority(10))`.
using lot_trait = std::function<void(lot&)>;

inline lot_trait expires_at(time_point at) {
  return [at](lot& x) { x.expires_at = at; };
}
inline lot_trait expires_in(std::chrono::microseconds after_start) {
  return expires_at(start_of_test + after_start);
}
/// `90d` is a day of a month to <chrono>: take it as a number of days, 255 at most.
inline lot_trait expires_in(std::chrono::day days) {
  return expires_in(std::chrono::days{static_cast<unsigned>(days)});
}
inline lot_trait effective_in(std::chrono::microseconds after_start) {
  return [after_start](lot& x) { x.effective_at = start_of_test + after_start; };
}
inline lot_trait priority(std::uint8_t value) {
  return [value](lot& x) { x.priority = value; };
}
inline lot_trait of_kind(lot_kind kind) {
  return [kind](lot& x) { x.kind = kind; };
}
inline lot_trait only_for(std::initializer_list<std::string> applications) {
  return [scope = std::vector<std::string>(applications)](lot& x) { x.applications = scope; };
}
inline lot_trait only_for(std::string application) {
  return only_for({std::move(application)});
}
inline lot_trait opened_by(std::uint64_t seq) {
  return [seq](lot& x) { x.seq = seq; };
}
/// Moves units from free to held.
inline lot_trait held(std::int64_t units) {
  return [units](lot& x) {
    x.free -= credits{units};
    x.held += credits{units};
  };
}

/// The n-th lot: paid, effective an hour ago, never over, for any application, its own root.
template <std::convertible_to<lot_trait>... Traits>
lot a_lot(std::uint32_t n, std::int64_t amount, const Traits&... traits) {
  lot made{
      .id = numbered<lot_id>(n),
      .root = numbered<lot_id>(n),
      .parent = {},
      .seq = n,
      .effective_at = start_of_test - std::chrono::hours{1},
      .expires_at = {},
      .applications = {},
      .purchase_id = {},
      .unit_cost_minor = {},
      .currency = {},
      .amount = credits{amount},
      .free = credits{amount},
      .held = {},
  };
  (lot_trait{traits}(made), ...);
  return made;
}

/// Units of the n-th lot.
inline slice part(std::int64_t units, std::uint32_t n) {
  return {numbered<lot_id>(n), credits{units}};
}

/// An account whose last entry was booked a second before `start_of_test`. Lots are numbered from 1 in the
/// order in which they are named; each was opened by the entry of its number.
class account_builder {
public:
  template <class... Traits> account_builder& with_lot(std::int64_t amount, const Traits&... traits) {
    const auto n = static_cast<std::uint32_t>(++account_.seq);
    account_.lots.push_back(a_lot(n, amount, traits...));
    account_.totals.lifetime_in += credits{amount};
    return *this;
  }

  /// Units that came in and were spent before.
  account_builder& with_used(std::int64_t units) {
    account_.totals.now.used += credits{units};
    account_.totals.lifetime_in += credits{units};
    return *this;
  }

  account_builder& with_debt(std::int64_t units) {
    account_.totals.now.debt = credits{units};
    return *this;
  }

  account_builder& booked_at(time_point at) {
    account_.booked_at = at;
    return *this;
  }

  account_builder& frozen() {
    account_.frozen = true;
    return *this;
  }

  credit_account build() const {
    auto built = account_;
    std::sort(built.lots.begin(), built.lots.end(), burns_before);
    for (const auto& each : built.lots) {
      built.totals.now.available += each.free;
      built.totals.now.reserved += each.held;
    }
    return built;
  }

private:
  credit_account account_{
      .id = test_account,
      .tenant = test_tenant,
      .booked_at = start_of_test - std::chrono::seconds{1},
      .totals = {},
      .lots = {},
  };
};

inline account_builder an_account() {
  return {};
}

inline consume_credits consume(std::int64_t amount, std::string application = "crm") {
  consume_credits command;
  command.account = test_account;
  command.amount = credits{amount};
  command.application = std::move(application);
  command.requested_by = {principal_kind::api_key, "key-1", command.application};
  command.request_id = "req-1";
  return command;
}

inline void ask(hold_request& command, std::string application) {
  command.account = test_account;
  command.requested_by = {principal_kind::api_key, "key-1", application};
  command.application = std::move(application);
  command.request_id = "req-4";
}

inline hold_credits
hold(std::int64_t amount, time_point::duration ttl = usual_hold_seconds, std::string application = "crm") {
  hold_credits command;
  command.amount = credits{amount};
  command.ttl = ttl;
  ask(command, std::move(application));
  return command;
}

inline capture_hold capture(std::uint64_t hold, std::int64_t amount, std::string application = "crm") {
  capture_hold command;
  command.hold = hold;
  command.amount = credits{amount};
  ask(command, std::move(application));
  return command;
}

inline release_hold release(std::uint64_t hold, std::string application = "crm") {
  release_hold command;
  command.hold = hold;
  ask(command, std::move(application));
  return command;
}

inline receive_credits receive(lot opened) {
  receive_credits command;
  command.id = numbered<inbox_id>(1);
  command.account = test_account;
  command.lots = {std::move(opened)};
  command.requested_by = {principal_kind::user, "usr-1", "crm"};
  command.request_id = "req-2";
  command.reference = "pur-1";
  return command;
}

/// Of a row that brings credits; throws when it asks for something else.
inline const receive_credits& arrival(const inbox_command& row) {
  return std::get<receive_credits>(row);
}

/// A leg to the n-th account, in the row of the same number.
inline allocation_leg leg_to(std::uint32_t n, std::int64_t amount) {
  return {numbered<account_id>(n), credits{amount}, numbered<inbox_id>(n << 16)};
}

inline allocate_credits allocate(std::vector<allocation_leg> legs) {
  allocate_credits command;
  command.account = test_account;
  command.allocation_id = "alloc-1";
  command.legs = std::move(legs);
  command.requested_by = {principal_kind::api_key, "key-1", "crm"};
  command.request_id = "req-3";
  return command;
}

inline instruction instruct(inbox_kind kind, std::int64_t wanted = 0) {
  instruction asked;
  asked.id = numbered<inbox_id>(2);
  asked.account = test_account;
  asked.kind = kind;
  asked.wanted = credits{wanted};
  asked.requested_by = {principal_kind::user, "usr-1", "crm"};
  asked.request_id = "req-5";
  asked.reference = "ref-1";
  return asked;
}

inline instruction
set_aside(hold_purpose purpose, std::int64_t wanted, time_point::duration ttl = std::chrono::hours{24}) {
  auto asked = instruct(inbox_kind::set_aside, wanted);
  asked.purpose = purpose;
  asked.ttl = ttl;
  return asked;
}

/// About the hold that the entry `seq` opened.
inline instruction instruct_hold(inbox_kind kind, std::uint64_t seq, std::int64_t wanted = 0) {
  auto asked = instruct(kind, wanted);
  asked.holds = {seq};
  if (kind == inbox_kind::move_on) asked.to = numbered<account_id>(5);
  asked.carrier = numbered<inbox_id>(0x300);
  return asked;
}

inline change_freeze change_frozen(bool frozen) {
  change_freeze command;
  command.account = test_account;
  command.frozen = frozen;
  command.reason = "under review";
  command.requested_by = {principal_kind::user, "usr-1", "crm"};
  command.request_id = "req-6";
  return command;
}

/// A spend as the ledger has it; `lots` are those that it took from.
inline reversible_spend as_reversible(const entry& spent, std::vector<lot> lots) {
  reversible_spend spend;
  spend.spent = {spent.account, spent.seq};
  spend.type = spent.type;
  spend.slices = spent.slices;
  spend.lots = std::move(lots);
  for (auto& each : spend.lots)
    each.free = each.held = credits{};
  spend.application = spent.application;
  spend.meter = spent.meter;
  spend.spender = spent.requested_by;
  spend.occurred_at = spent.occurred_at;
  spend.as_of = spent.seq;
  return spend;
}

inline reverse_spend reverse(reversible_spend spend, std::optional<std::int64_t> amount = {}) {
  reverse_spend command;
  command.account = spend.spent.account;
  command.requested_by = spend.spender;
  command.spend = std::move(spend);
  if (amount) command.amount = credits{*amount};
  command.request_id = "req-7";
  return command;
}

} // namespace tessera::test
