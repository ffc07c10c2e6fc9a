#pragma once

#include "messages/types/credits.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// Where a lot's units come from; also the fourth key of the burn order (R-C 3.3). The numbers are stored.
enum class lot_kind : std::uint8_t { promo = 1, plan = 2, bonus = 3, paid = 4, reinstated = 5 };
std::string_view to_string(lot_kind kind);

/// Credits that came in together and share one fate (R-C 3.2). Only `free` and `held` ever change, and
/// `amount` when an equal lot arrives and adds to this one.
struct lot {
  lot_id id;
  lot_id root; // the lot that the purchase or grant made; itself unless allocated
  std::optional<lot_id> parent;
  std::uint64_t seq = 0; // of the entry that opened it in this account
  lot_kind kind = lot_kind::paid;
  std::uint8_t priority = 50; // 0..100, lower burns first
  time_point effective_at;
  std::optional<time_point> expires_at; // exclusive; nothing: never
  std::string expiry_date; // the last good day in the tenant's zone, YYYY-MM-DD; for people, not hashed
  std::vector<std::string> applications; // empty: any
  std::string purchase_id;
  std::optional<std::int64_t> unit_cost_minor; // nothing: no whole number, or unknown; the purchase tells
  std::string currency;
  credits amount; // when it was opened, and what was added since
  credits free;
  credits held;

  friend bool operator==(const lot&, const lot&) = default;
};

} // namespace tessera
