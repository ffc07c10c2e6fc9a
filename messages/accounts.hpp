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
};

/// What an inbox row asks of the account. The numbers are stored.
enum class inbox_kind : std::uint8_t { purchase = 1 };

/// A durable command from outside: credits that arrive (design 3 `inbox`). Absorbed exactly once by the
/// owner.
struct receive_credits {
  inbox_id id;
  account_id account;
  inbox_kind kind = inbox_kind::purchase;
  lot opened; // id, root, kind, priority, expiry, applications, purchase, cost, amount; free == amount
  principal requested_by;
  std::string request_id;
  std::string reference; // the purchase id
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

} // namespace tessera
