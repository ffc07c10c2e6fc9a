#pragma once

#include "messages/alerts.hpp"
#include "messages/changes.hpp"

#include <cstdint>
#include <vector>

/// When those who administer an entity hear of its credits, as they choose it (shapes.md `Credits`).
namespace tessera {

struct alert_settings {
  std::vector<alert_threshold> thresholds;
  std::vector<std::int64_t> expiry_days{30, 7, 1}; // before credits end
  std::int64_t version = 0;                        // 0: nobody has chosen
};

inline constexpr std::int64_t most_expiry_days = 365;
inline constexpr std::size_t most_expiry_stages = 10; // of an entity

/// Answered by result<alert_settings>.
struct alert_settings_query {
  tenant_id tenant;
  account_id account;
};

/// Replaces them all. Makes an alert_settings. Rejections: precondition_failed.
struct set_alert_settings {
  tenant_id tenant;
  account_id account;
  alert_settings wanted;
  seen_versions only_versions;
  change_origin origin;
};

} // namespace tessera
