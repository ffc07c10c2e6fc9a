#pragma once

#include "messages/entries.hpp"
#include "messages/lots.hpp"
#include "messages/types/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a credit account is told, and what it answers.
namespace tessera {

/// When a command stops being worth deciding; compared with the steady clock of the node that received it.
using deadline = std::chrono::steady_clock::time_point;

/// Spends `amount` for an application. Answered by a result<consume_receipt> once the entry is durable.
/// Rejections: idempotency_key_reused, entity_frozen, amount_out_of_range, insufficient_credits.
struct consume_credits {
  account_id account;
  credits amount;
  std::string application;
  std::string meter;
  std::string event_id;
  std::string caller_key;
  std::optional<idempotency_key> idempotency; // nothing: the call can't be repeated safely
  std::string metadata;
  std::optional<time_point> occurred_at; // nothing: when it is booked
  principal requested_by;
  std::string request_id;
  deadline until{};
};

/// A spend that is in the ledger. The transaction is (account, seq).
struct consume_receipt {
  account_id account;
  std::uint64_t seq = 0;
  credits amount;
  credits available; // usable by the application after the spend
  bool replayed = false;

  friend bool operator==(const consume_receipt&, const consume_receipt&) = default;
};

/// Asks for the balance as an application sees it; empty: everything counts. Answered by
/// result<balance_view>.
struct balance_query {
  account_id account;
  std::string application;
};

/// The durable balance: never behind an acknowledged write, never showing an unacknowledged one.
struct balance_view {
  std::uint64_t seq = 0;
  time_point as_of;
  balances now;          // expiry applied at `as_of`
  credits usable;        // by the application that asked
  std::vector<lot> lots; // live ones with units left, in burn order
  bool frozen = false;
};

/// What an inbox row asks of the account. The numbers are stored. Up to 15 it brings credits
/// (receive_credits); the others are instructions (messages/instructions.hpp).
enum class inbox_kind : std::uint8_t {
  purchase = 1,
  allocation = 2,        // a leg of an allocation
  allocation_bounce = 3, // units that another account could not take come back
  grant = 4,
  give_back = 5,     // units of an account below: it returns them
  reclaim = 6,       // units of an account below: they were called back
  reinstatement = 7, // of a payment that is good again after all

  set_aside = 16,
  let_go = 17,
  pay_back = 18,
  move_on = 19,
  claw_back = 20,
  recall = 21,
  freeze = 22,
  unfreeze = 23,
};
inline bool brings_credits(inbox_kind kind) {
  return kind < inbox_kind::set_aside;
}

/// The entry of another account that paid for a command.
struct entry_place {
  account_id account;
  std::uint64_t seq = 0;

  friend bool operator==(const entry_place&, const entry_place&) = default;
};

/// A durable command from outside: credits that arrive (design 3 `inbox`). Absorbed exactly once by the
/// owner.
struct receive_credits {
  inbox_id id;
  account_id account;
  inbox_kind kind = inbox_kind::purchase;
  std::vector<lot> lots; // their terms; free == amount
  principal requested_by;
  std::string request_id;
  std::string reference;             // the purchase id, the allocation id
  std::optional<entry_place> sender; // where the units were taken; nothing: they are new
};

/// Which lots of the source an allocation takes from (R-C 3.5).
enum class lot_policy : std::uint8_t {
  soonest_first, // the burn order
  latest_first,  // the same order backwards
};
struct lot_choice {
  std::optional<lot_policy> policy;   // nothing: soonest_first, or the order in which `only` names them
  std::vector<lot_id> only;           // empty: any
  std::chrono::days min_remaining{0}; // a lot must live at least so long from the booking on
};

/// One receiver of an allocation. The ids are the caller's, so that a repetition meets the same ones.
struct allocation_leg {
  account_id to;
  credits amount;
  inbox_id id; // of the row that brings the credits
};

/// Moves credits to other accounts, all legs or none. Answered by a result<allocation_receipt> once debits
/// and legs are durable; the receivers must then be told to absorb. Rejections: idempotency_key_reused,
/// entity_frozen (but a reclaim), amount_out_of_range, insufficient_credits.
struct allocate_credits {
  account_id account;
  inbox_kind kind = inbox_kind::allocation; // downward; give_back or reclaim: upward, one leg
  std::string allocation_id;
  std::vector<allocation_leg> legs; // at least one; each to another account
  lot_choice lots;
  bool everything = false; // all that is free and not over, also of lots that are not effective yet: one leg,
                           // whose amount says nothing, and no choice of lots
  std::string caller_key;
  std::optional<idempotency_key> idempotency;
  principal requested_by;
  std::string request_id;
  deadline until{};
};

/// An allocation that is in the ledger: its first entry is (account, seq).
struct allocation_receipt {
  account_id account;
  std::uint64_t seq = 0;
  bool replayed = false;

  friend bool operator==(const allocation_receipt&, const allocation_receipt&) = default;
};

/// Rows may wait in the account's inbox: absorb them. Answered by result<inbox_absorbed> once they are
/// durable.
struct absorb_inbox {
  account_id account;
  deadline until{};
};
struct inbox_absorbed {
  std::uint64_t seq = 0; // of the account afterwards
  std::uint32_t count = 0;
};

/// Some lots may be over: book what expired. Answered by result<expiry_booked> once it is durable.
struct expire_lots {
  account_id account;
  deadline until{};
};
struct expiry_booked {
  credits expired;
};

/// Go to rest when nothing is pending and nobody has called for `idle`.
struct passivate {
  std::chrono::milliseconds idle{0};
};

/// Write the balance down if it changed since the last time.
struct save_snapshot {};

/// Some of what was pending has become durable: let go of it, even if nobody calls any more.
struct catch_up {};

} // namespace tessera
