#pragma once

#include "actors/domain/ledger_format.hpp"
#include "tests/support/builders.hpp"

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

/// What the account's actor does with a decision.
inline void book(credit_account& account, decided events, std::vector<account_event>& ledger) {
  for (auto& each : events) {
    each.booked.writer = numbered<node_incarnation>(1);
    each.booked.hash = seal_of(account.head, each);
    evolve(account, each);
    ledger.push_back(std::move(each));
  }
}

inline void book(credit_account& account, decided events) {
  std::vector<account_event> ledger;
  book(account, std::move(events), ledger);
}

} // namespace tessera::test
