#pragma once

#include "messages/accounts.hpp"
#include "messages/lots.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Credits that nobody pays for (contract 4 `grants`).
namespace tessera {

/// Gives credits to an account. The inbox row that brings them, and the key, are durable together; the
/// account must then be told to absorb. Answered by result<grant_accepted>. Rejections:
/// idempotency_key_reused, end_has_passed, entity_unknown.
struct grant_credits {
  tenant_id tenant;
  account_id account;
  credits amount;
  lot_kind kind = lot_kind::promo;      // promo, bonus or plan
  std::optional<time_point> expires_at; // exclusive
  std::optional<int>
      validity_days; // instead: through the end of that day in the tenant's zone; neither: never
  std::vector<std::string> applications; // empty: any
  std::uint8_t priority = 50;
  std::string reason; // for people
  std::optional<idempotency_key> idempotency;
  principal requested_by;
  std::string request_id;
};
struct grant_accepted {
  std::string grant_id; // grant-<uuidv7>
  bool replayed = false;
};

/// What a grant came to, read from the ledger: the same answer for ever. Answered by result<grant_receipt>.
struct grant_query {
  tenant_id tenant;
  std::string grant_id;
};
struct grant_receipt {
  std::string grant_id;
  std::string status;                // completed, pending, failed
  std::optional<entry_place> booked; // nothing while it is pending
  std::optional<lot_id> lot;         // that has the units, which may be one that was there
  credits amount;
  credits available; // the account's, right after; of one that is not completed: now
  std::string expiry_date;
  std::optional<time_point> expires_at;
  std::string refused_code; // why the account could not take it
  bool replayed = false;
};

/// When credits end that are good for so many days from now on, or until an instant: the last good day in the
/// tenant's zone, and the instant. Answered by result<validity>.
struct validity_query {
  tenant_id tenant;
  std::optional<int> days;
  std::optional<time_point> ends_at; // without days
};
struct validity {
  std::string expiry_date;
  time_point expires_at;
};

} // namespace tessera
