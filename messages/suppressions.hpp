#pragma once

#include "messages/changes.hpp"
#include "messages/notifications.hpp"
#include "messages/types/digest.hpp"

#include <optional>
#include <string>
#include <vector>

/// Where a tenant sends nothing any more (R-I 4.4). Of the address the hash is kept.
namespace tessera {

struct suppression_view {
  uuid id;
  std::string channel;
  std::string recipient_masked;
  std::string reason;              // bounce, complaint, optout, manual
  std::optional<time_point> until; // nothing: for good
  std::string created_by;
  time_point created_at;
};

/// Behind which one a page begins.
struct suppression_place {
  time_point at;
  uuid id;
};
/// The youngest first. Answered by result<suppression_page>.
struct list_suppressions {
  tenant_id tenant;
  int limit = 50;
  std::optional<std::string> channel;
  std::optional<std::string> reason;
  std::optional<suppression_place> after;
};
struct suppression_page {
  std::vector<suppression_view> suppressions;
  bool more = false;
};

/// Makes a suppression_view; one that is there is replaced.
struct add_suppression {
  tenant_id tenant;
  notification_channel channel = notification_channel::email;
  digest recipient_sha256{};
  std::string recipient_masked;
  std::optional<time_point> until;
  change_origin origin;
};

/// Makes a suppression_removed. Rejections: suppression_unknown.
struct remove_suppression {
  tenant_id tenant;
  uuid id;
  change_origin origin;
};
struct suppression_removed {
  uuid id;
};

} // namespace tessera
