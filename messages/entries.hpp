#pragma once

#include "messages/types/credits.hpp"
#include "messages/types/digest.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// What happened to a balance. The numbers are stored and hashed: append only (shapes.md `Transactions`).
enum class entry_type : std::uint8_t {
  genesis = 0, // the account exists; seq 0; not shown to callers
  purchase = 1,
  grant = 2,
  bonus = 3,
  spend = 4,
  hold = 5,
  capture = 6,
  release = 7,
  allocate_out = 8,
  allocate_in = 9,
  return_out = 10,
  return_in = 11,
  reclaim_out = 12,
  reclaim_in = 13,
  expire = 14,
  refund = 15,
  clawback = 16,
  debt_repaid = 17,
  reinstate = 18,
  reverse = 19,
  adjust = 20, // the debt grows: a clawback found less than it was to take
  freeze = 21, // nothing leaves any more but by captures, expiry and what others are owed
  unfreeze = 22,
};
inline constexpr std::size_t entry_type_count = 23;

std::string_view to_string(entry_type type);
std::optional<entry_type> parse_entry_type(std::string_view text);
/// True when entries of this type belong to an application; the others are entity-level (contract 2
/// `application isolation`).
bool belongs_to_application(entry_type type);

/// Units taken from or given to one lot.
struct slice {
  lot_id lot;
  credits units;

  friend bool operator==(const slice&, const slice&) = default;
};

/// The balances of an account after an entry (R-C 3.1).
struct balances {
  credits available; // free units of unexpired lots, whatever application they are for
  credits reserved;
  credits used;
  credits debt;

  credits total() const { return used + reserved + available; }
  friend bool operator==(const balances&, const balances&) = default;
};

/// Who asked. The numbers are stored and hashed.
enum class principal_kind : std::uint8_t { system = 0, api_key = 1, user = 2, operator_key = 3 };
std::string_view to_string(principal_kind kind);

struct principal {
  principal_kind kind = principal_kind::system;
  std::string id;          // key id or user id; empty for the system and the operator
  std::string application; // the application that called, also where the entry is entity-level

  friend bool operator==(const principal&, const principal&) = default;
};
/// The same caller, whichever application they call for.
inline bool is_same(const principal& a, const principal& b) {
  return a.kind == b.kind && a.id == b.id;
}

/// Why units are set aside. The numbers are stored and hashed.
enum class hold_purpose : std::uint8_t { spend = 1, escrow = 2, refund = 3, dispute = 4 };
std::string_view to_string(hold_purpose purpose);
/// What has become of a hold; all but `open` are final. The numbers are stored and hashed.
enum class hold_state : std::uint8_t { open = 1, captured = 2, released = 3, expired = 4 };
std::string_view to_string(hold_state state);

/// What entries of the types hold, capture, release and refund say of their hold, which `reference` names
/// (docs/ledger-format.md): as it is when the command that wrote the entry is done.
struct hold_mark {
  hold_purpose purpose = hold_purpose::spend;
  hold_state state = hold_state::open;
  credits amount;   // that it took
  credits captured; // of them, until now
  time_point ends_at;

  friend bool operator==(const hold_mark&, const hold_mark&) = default;
};
/// True when entries of this type carry a mark.
bool has_hold_mark(entry_type type);

/// Why an entry was written, where its type leaves that open: `hold_expired`, `released`, `captured` (the
/// rest of a hold), `released_after_expiry`, `reversed_after_expiry`; empty where it does not.
struct entry;
std::string_view cause_of(const entry& booked);

/// One line of an account's ledger. Immutable once written. `hash` is SHA-256(previous hash, canonical
/// bytes); the bytes, which include the terms of the lots that the entry opened, are laid out in
/// docs/ledger-format.md.
struct entry {
  account_id account;
  std::uint64_t seq = 0; // gapless per account; the genesis entry is 0
  tenant_id tenant;
  entry_type type = entry_type::genesis;
  credits units;
  std::vector<slice> slices; // sum is `units` wherever lots are touched
  balances after;
  credits usable_after;    // available to `application` after the entry: what the caller was told
  std::string application; // the entry belongs to it; empty: entity-level
  std::string meter;
  std::string reference; // purchase id, hold id, …; what it names follows from the type
  principal requested_by;
  std::string request_id;
  std::string event_id;                       // the caller's eventId
  std::string caller_key;                     // the caller's Idempotency-Key
  std::optional<idempotency_key> idempotency; // of the spend, or on the first entry of another command
  std::string metadata;                       // JSON text exactly as hashed; empty when absent
  time_point occurred_at;                     // when the caller says it happened
  time_point booked_at;                       // when it was decided; strictly rising per account
  node_incarnation writer;                    // forensics only
  std::optional<hold_mark> hold;              // of the types that belong to a hold
  digest hash{};
};

} // namespace tessera
