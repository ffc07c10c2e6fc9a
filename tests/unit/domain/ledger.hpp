#pragma once

#include "actors/domain/ledger_check.hpp"
#include "actors/domain/ledger_format.hpp"
#include "tests/support/builders.hpp"

#include <gtest/gtest.h>

namespace tessera::test {

/// Stands for the hash that the ledger's writer sets: another one for every other entry, lot or predecessor.
inline digest seal_of(const digest& previous, const account_event& event) {
  std::string bytes(previous.begin(), previous.end());
  append_canonical(bytes, event);
  std::uint64_t state = 0xcbf29ce484222325;
  digest sealed;
  for (auto& byte : sealed) {
    for (const char each : bytes)
      state = (state ^ static_cast<std::uint8_t>(each)) * 0x100000001b3;
    byte = static_cast<std::uint8_t>(state >> 56);
  }
  return sealed;
}

inline account_event genesis(time_point at) {
  account_event first;
  first.booked.account = test_account;
  first.booked.tenant = test_tenant;
  first.booked.occurred_at = at;
  first.booked.booked_at = at;
  first.booked.hash = seal_of({}, first);
  return first;
}

/// What the account's actor does with a decision; nothing of it may look wrong to whoever checks the ledger.
inline void book(credit_account& account, decided events, std::vector<account_event>& ledger) {
  for (auto& each : events) {
    each.booked.writer = numbered<node_incarnation>(1);
    each.booked.hash = seal_of(account.head, each);
    EXPECT_EQ(flaw_of(account, each), "");
    evolve(account, each);
    ledger.push_back(std::move(each));
  }
}

inline void book(credit_account& account, decided events) {
  std::vector<account_event> ledger;
  book(account, std::move(events), ledger);
}

inline std::vector<entry_type> types_of(const decided& events) {
  std::vector<entry_type> types;
  for (const auto& each : events)
    types.push_back(each.booked.type);
  return types;
}

inline balances
figures(std::int64_t available, std::int64_t reserved, std::int64_t used, std::int64_t debt = 0) {
  return {credits{available}, credits{reserved}, credits{used}, credits{debt}};
}

/// Nothing is lost (R-C 3.1), nothing is free beside a debt, and the figures are those of the lots and holds.
inline void expect_identities(const credit_account& account) {
  const auto& totals = account.totals;
  const auto& now = totals.now;
  EXPECT_EQ(
      totals.lifetime_in,
      now.total() + totals.expired + totals.refunded + totals.clawed_back + totals.allocated_out +
          totals.debt_repaid
  );
  EXPECT_TRUE(now.debt.is_zero() || now.available.is_zero());
  credits free;
  credits held;
  for (const auto& each : account.lots) {
    free += each.free;
    held += each.held;
  }
  for (const auto& each : account.holds.all())
    held -= sum_of(each->left);
  EXPECT_EQ(now.available, free);
  EXPECT_EQ(held, credits{});
}

/// Books a decision, as one that is done.
inline void carry_out(credit_account& account, const decided& events) {
  book(account, events);
  expect_identities(account);
}

} // namespace tessera::test
