#pragma once

#include "messages/entries.hpp"
#include "messages/types/credits.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Buying by itself when a balance is low (R-C 3.12; decision 0064).
namespace tessera {

/// Who enables it names every cap.
struct auto_topup_terms {
  bool enabled = false;
  credits threshold; // bought when no more than this is available
  std::string package_id;
  std::optional<std::int64_t> max_per_day;   // purchases, of a day in the tenant's zone
  std::optional<std::int64_t> max_per_month; // likewise
  std::optional<std::int64_t> max_amount_minor_per_month;
};

/// Replaces what was set. Makes an auto_topup_view. Rejections: package_unknown, package_inactive,
/// precondition_failed.
struct set_auto_topup {
  tenant_id tenant;
  account_id account;
  entity_ref entity;
  auto_topup_terms terms;
  std::optional<std::vector<std::int64_t>> only_versions; // nothing: whatever version it has
  principal requested_by;
  std::string request_id;
  std::string network; // it came from: what is bought by it counts there
};

/// Answered by result<auto_topup_view>. Where nothing was set it is off, of version 0.
struct auto_topup_query {
  tenant_id tenant;
  account_id account;
  entity_ref entity;
};
struct auto_topup_view {
  entity_ref entity;
  auto_topup_terms terms;
  std::string currency; // of the package
  std::int64_t bought_today = 0;
  std::int64_t bought_this_month = 0;
  std::int64_t amount_minor_this_month = 0;
  int declines = 0;                       // since one succeeded
  std::string ended_by;                   // declines, dispute; empty: nobody but people ended it
  std::string paused_for;                 // cool_down, declined, cap, package; empty: it is not
  std::optional<time_point> paused_until; // while it is
  std::string last_purchase_id;
  std::string last_status; // of that purchase
  std::int64_t version = 0;
};

/// What is known where a balance has fallen.
struct auto_topup_situation {
  auto_topup_terms terms;
  credits available;
  credits debt; // is repaid first
  credits per_package;
  std::int64_t price_minor = 0;
  std::int64_t bought_today = 0;
  std::int64_t bought_this_month = 0;
  std::int64_t amount_minor_this_month = 0;
};

} // namespace tessera
