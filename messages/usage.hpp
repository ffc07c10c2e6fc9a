#pragma once

#include "messages/transactions.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What was used, added up from the ledger.
namespace tessera {

enum class usage_window : std::uint8_t { none, minute, hour, day, month };
std::string_view to_string(usage_window window);

/// Adds up what applications used in a part of the tree. Days and months are those of the tenant's zone.
/// Answered by result<usage_report>: exact, as of one snapshot of the ledger.
struct usage_query {
  ledger_part of;
  ledger_applications applications;
  bool by_application = false;
  bool by_entity = false;
  bool by_meter = false;
  usage_window window = usage_window::none;
  bool by_booked_at = false;      // else by when the caller says it happened
  std::optional<time_point> from; // at or after
  std::optional<time_point> to;   // before
  std::size_t most_buckets = 20'000;
};

struct usage_bucket {
  std::optional<time_point> window; // its beginning
  std::string application;
  std::optional<entity_ref> entity;
  std::string meter;      // empty: the calls named none
  std::string used;       // digits: the sum of many accounts may be beyond 64 bits
  std::string reversed;   // likewise; of spends in this bucket, whenever they were taken back
  std::int64_t count = 0; // of spends
};

struct usage_report {
  std::vector<usage_bucket> buckets; // by window, application, entity, meter
  bool too_many = false;             // there are more than asked for; then none is given
};

} // namespace tessera
