#pragma once

#include "messages/consume_batch.hpp"
#include "messages/instructions.hpp"
#include "messages/reversals.hpp"
#include "tests/support/builders.hpp"

#include <optional>
#include <vector>

/// Write sets for the tests of the ledger.
namespace tessera::test {

inline const auto test_writer = numbered<node_incarnation>(0x40d);

/// The key `n`, and the fingerprint of the command that stands behind it.
inline idempotency_key a_key(std::uint32_t n, std::uint32_t fingerprint = 1) {
  return {numbered<uuid>(n), numbered<uuid>(fingerprint)};
}

/// Decides, seals and evolves like an account's actor, without one.
class ledger_author {
public:
  explicit ledger_author(const entry& genesis);
  /// Goes on where a history ends.
  explicit ledger_author(const account_history& history);

  write_set receive(const receive_credits& command);
  /// Credits that no inbox row brought.
  write_set receive(const lot& opened);
  write_set spend(std::int64_t amount, std::optional<idempotency_key> key = {});
  /// Many as one write set.
  write_set spend(const consume_atomically& batch);
  /// One entry and one inbox row per leg.
  write_set allocate(std::vector<allocation_leg> legs, std::optional<idempotency_key> key = {});
  write_set hold(std::int64_t amount, time_point::duration ttl, std::optional<idempotency_key> key = {});
  write_set capture(std::uint64_t hold, std::int64_t amount, bool final = true);
  write_set release(std::uint64_t hold);
  /// Of a spend or a capture that it has written itself; nothing: all that is left.
  write_set reverse(std::uint64_t spent, std::optional<std::int64_t> amount = {});
  write_set reverse(const reverse_spend& command);
  /// The spend as its own entries have it now.
  reversible_spend spent_by(std::uint64_t seq) const;
  /// What the row asks for.
  write_set carry_out(const instruction& asked);
  /// All legs go up: what is given back or reclaimed.
  write_set send_up(inbox_kind kind, allocation_leg leg);
  write_set change_freeze(bool frozen);
  /// Nothing is over: a write set without events.
  write_set expire();

  /// Decisions come a second apart, and so much later when it is told.
  ledger_author& pass(std::chrono::microseconds time);
  const credit_account& account() const { return account_; }

private:
  write_set sealed(decided events);
  time_point next();

  credit_account account_;
  hold_reminder reminder_;
  time_point now_;
  std::vector<account_event> written_;
};

/// The state that a history ends with.
credit_account fold(const account_history& history);
/// The state that all of an account's events end with, the genesis first.
credit_account fold(const std::vector<account_event>& events);

} // namespace tessera::test
