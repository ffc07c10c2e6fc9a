#pragma once

#include "messages/changes.hpp"
#include "messages/notifications.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Notifications as those see them who administer a tenant (shapes.md `Notifications`).
namespace tessera {

struct notification_view {
  uuid id;
  std::int64_t position = 0; // in the order in which they were made
  std::string kind;
  std::string channel;
  std::string status;
  int attempts = 0;
  std::optional<time_point> next_attempt_at; // nothing: there is none to come
  std::string last_error_class;              // empty: none
  std::string last_error;
  std::string ref_type;
  std::string ref_id;
  std::string recipient; // whole: not for everybody's eyes
  std::optional<std::int64_t> http_status;
  time_point created_at;
  std::optional<time_point> sent_at;
};

/// The youngest first.
struct list_notifications {
  tenant_id tenant;
  int limit = 50;
  std::optional<std::int64_t> before; // a position
  std::optional<std::string> status;
  std::optional<std::string> channel;
  std::optional<std::string> kind;
  std::optional<std::string> recipient; // of webhooks: the endpoint
};
struct notification_page {
  std::vector<notification_view> notifications;
  bool more = false;
};

/// Sends again what was given up, or, of a webhook, what is over whatever came of it. Makes a
/// notification_view. Rejections: notification_unknown, notification_not_over.
struct retry_notification {
  tenant_id tenant;
  uuid id;
  std::optional<std::string> endpoint; // whose delivery it is; nothing: any notification
  change_origin origin;
};

} // namespace tessera
