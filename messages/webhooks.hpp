#pragma once

#include "messages/changes.hpp"
#include "messages/notifications.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Endpoints at which a tenant hears of events (contract 6; decision 0053).
namespace tessera {

struct webhook_endpoint {
  std::string id;
  std::string url;
  std::vector<std::string> events; // `*`: all that there are
  std::string description;
  bool active = true;
  std::int64_t secret_generation = 1;
  std::optional<time_point> rotated_at;
  std::int64_t version = 1;
  std::optional<time_point> paused_until; // nothing is sent there before: it failed, or was slow
  time_point created_at;
};

struct list_webhook_endpoints {
  tenant_id tenant;
  int limit = 50;
  std::optional<std::string> after;
};
struct webhook_endpoint_page {
  std::vector<webhook_endpoint> endpoints;
  bool more = false;
};
/// Answered by result<webhook_endpoint>. Rejections: webhook_endpoint_unknown.
struct webhook_endpoint_query {
  tenant_id tenant;
  std::string id;
};

/// An endpoint whose secret is new. It is told in the first answer only.
struct webhook_secret_made {
  webhook_endpoint endpoint;
  bool is_first_answer = true;
};

/// Makes a webhook_secret_made. Rejections: too_many_endpoints, webhook_target_refused.
struct create_webhook_endpoint {
  tenant_id tenant;
  webhook_endpoint endpoint; // its id is made
  change_origin origin;
};
/// What is absent stays. Makes a webhook_endpoint. Rejections: webhook_endpoint_unknown,
/// webhook_target_refused, precondition_failed.
struct edit_webhook_endpoint {
  tenant_id tenant;
  std::string id;
  std::optional<std::string> url;
  std::optional<std::vector<std::string>> events;
  std::optional<std::string> description;
  std::optional<bool> active;
  seen_versions only_versions;
  change_origin origin;
};
/// From now on a new secret signs, and for a day the one before as well. Makes a webhook_secret_made.
/// Rejections: webhook_endpoint_unknown.
struct rotate_webhook_secret {
  tenant_id tenant;
  std::string id;
  change_origin origin;
};
/// What was still to be delivered there is not. Rejections: webhook_endpoint_unknown, webhook_target_refused,
/// precondition_failed.
struct delete_webhook_endpoint {
  tenant_id tenant;
  std::string id;
  seen_versions only_versions;
  change_origin origin;
};
struct webhook_endpoint_deleted {
  std::string id;
};

/// One delivery that is to be made.
struct webhook_delivery {
  claimed_notification of;
  std::string url;
  std::int64_t secret_generation = 1;
  bool old_secret_signs = false;
  bool is_troubled = false; // the endpoint failed lately, or was slow
};

/// What an endpoint can hear of.
bool is_webhook_event(std::string_view kind);

} // namespace tessera
