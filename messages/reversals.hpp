#pragma once

#include "messages/accounts.hpp"
#include "messages/lots.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Taking back what a spend took (R-C 3.9, decision 0041).
namespace tessera {

/// A spend or a capture as the ledger has it, and what of it has been reversed. Answered by
/// result<reversible_spend>. Rejections: transaction_unknown, nothing_to_reverse (it is neither).
struct reversible_query {
  tenant_id tenant;
  entry_place spent;
  std::optional<int> regrant_days;        // asks for the end of credits that are granted anew
  std::optional<std::string> application; // the caller's: what belongs to another one is unknown
};
struct reversible_spend {
  entry_place spent;
  entry_type type = entry_type::spend;
  std::vector<slice> slices; // in the order in which they were taken
  std::vector<lot> lots;     // of the slices: as they were opened, but empty
  std::string application;
  std::string meter;
  principal spender;
  time_point occurred_at;
  credits reversed;        // until now
  std::uint64_t as_of = 0; // the last entry of the account when this was read
  std::string regrant_expiry_date;
  std::optional<time_point> regrant_expires_at;
};

/// Gives units of a spend back to the lots that they came from. Those whose lot is over by now expire, unless
/// they are granted anew. Answered by a result<reversal_receipt> once it is durable. Rejections:
/// idempotency_key_reused, not_the_spender, nothing_to_reverse; reversed_meanwhile: `spend` is not what the
/// ledger says any more, it must be read again.
struct reverse_spend {
  account_id account;
  reversible_spend spend;
  std::optional<credits> amount; // nothing: all that is left
  bool regrants = false;         // what is over comes back as a new lot
  lot_id regrant_lot;            // its id
  bool administers = false;      // may reverse what others spent
  std::string caller_key;
  std::optional<idempotency_key> idempotency;
  principal requested_by;
  std::string request_id;
  deadline until{};
};

/// A reversal that is in the ledger: the transaction is (account, seq).
struct reversal_receipt {
  account_id account;
  std::uint64_t seq = 0;
  credits amount;
  credits available; // usable by the application after it
  bool replayed = false;

  friend bool operator==(const reversal_receipt&, const reversal_receipt&) = default;
};

} // namespace tessera
