#pragma once

#include "messages/types/credits.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Plans: credits that come each month, and how much of a directory a tenant may have (contract 4; decision
/// 0066).
namespace tessera {

struct subscription_plan {
  std::string_view id;
  std::string_view name;
  credits included;             // each month
  std::int64_t price_minor = 0; // of a month; 0: free
  std::string_view currency;    // ISO 4217
  std::vector<std::string_view> features;
  std::optional<std::int64_t> most_locations; // nothing: as many as a directory holds
  std::optional<std::int64_t> most_applications;
};

/// What a tenant has, as far as a plan limits it.
struct plan_usage {
  std::string plan;
  std::int64_t locations = 0;
  std::int64_t applications = 0;
};

/// Answered by result<plan_overview>.
struct plan_query {
  tenant_id tenant;
};
struct plan_standing {
  std::string plan;
  std::string state; // none, granted, charging, unpaid: of the period
  std::optional<time_point> period_start;
  std::optional<time_point> period_end;
  std::string purchase_id; // that pays for it; empty: none
};

/// All there are, and how the tenant stands.
struct plan_overview {
  std::vector<subscription_plan> plans;
  plan_standing now;
};

} // namespace tessera
