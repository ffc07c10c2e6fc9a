#pragma once

#include "messages/entries.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <string>

/// Balances beside the live one of an account (`balance_query` in accounts.hpp): over a subtree, and in the
/// past.
namespace tessera {

/// Asks what an entity and everything below it hold. Answered by result<balance_rollup>.
struct rollup_query {
  tenant_id tenant;
  account_id account;
};

/// Sums over a subtree, all of one instant. Whatever application a lot is for, it counts; units of lots that
/// are over do not, whether or not an entry has booked their expiry.
struct balance_rollup {
  balances own;
  balances descendants;
  std::uint64_t descendant_count = 0;
  credits in_transit; // left an entity of the subtree, or go to one, and are not taken in yet
};

/// Asks for the balance as it was at `at`, as the application saw it. Answered by result<balance_view>; all
/// zeros, seq 0, before the account existed. Failure: overloaded when its history is too long to read in
/// time.
struct past_balance_query {
  tenant_id tenant;
  account_id account;
  std::string application;
  time_point at; // not in the future
};

} // namespace tessera
