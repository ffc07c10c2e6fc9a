#pragma once

#include "messages/types/credits.hpp"
#include "messages/types/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Balances that run low (R-C 3.12; decision 0062).
namespace tessera {

/// How far a balance may fall before somebody is told: so many credits, or a part of what its live lots had
/// when they were opened.
struct alert_threshold {
  credits amount;
  std::int64_t percent = 0; // 1 to 100; 0: `amount` counts

  friend bool operator==(const alert_threshold&, const alert_threshold&) = default;
};
/// `250` or `20%`: how it stands in the database and in events.
std::string to_string(const alert_threshold& threshold);
std::optional<alert_threshold> parse_alert_threshold(std::string_view text);

inline constexpr std::size_t most_alert_thresholds = 10; // of an entity

/// That a balance fell to a threshold, or to nothing. Told in the round of the entry that let it.
struct balance_alert {
  account_id account;
  std::uint64_t seq = 0;                  // of that entry
  std::optional<alert_threshold> fell_to; // nothing: there is nothing left
};
/// `credits.low` or `credits.depleted`.
std::string_view event_of(const balance_alert& alert);

} // namespace tessera
