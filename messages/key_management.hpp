#pragma once

#include "messages/changes.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// API keys as people manage them; what the hot path sees of one is `api_key` in directory.hpp.
namespace tessera {

struct api_key_view {
  std::string id;
  std::string name;
  std::vector<std::string> scopes;
  std::optional<account_id> bound_to;
  entity_ref bound_ref;    // of bound_to
  std::string application; // empty: any
  std::optional<time_point> expires_at;
  std::optional<time_point> last_used_at;
  time_point created_at;
  std::int64_t version = 1;
};

/// Makes an api_key_created. Rejections: application_unknown, entity_unknown (it was deleted meanwhile).
struct create_api_key {
  tenant_id tenant;
  std::string name;
  std::vector<std::string> scopes;
  std::optional<account_id> bound_to;
  std::string application;
  std::optional<time_point> expires_at;
  change_origin origin;
};
struct api_key_created {
  std::string id;
  std::string key; // shown once: empty in the answer that is kept
};

/// Answered by result<api_key_view>. Rejections: api_key_unknown.
struct api_key_query {
  tenant_id tenant;
  visible_part part; // keys that are not bound are of the whole tenant
  std::string id;
};
struct list_api_keys {
  tenant_id tenant;
  visible_part part;
  int limit = 50;
  std::optional<std::string> after;
};
struct api_key_page {
  std::vector<api_key_view> keys;
  bool more = false;
};

/// What is absent stays. Makes an api_key_view. Rejections: api_key_unknown, precondition_failed, and what
/// `judge` says.
struct edit_api_key {
  tenant_id tenant;
  visible_part part;
  std::string id;
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> scopes;
  std::optional<std::optional<time_point>> expires_at; // of nothing: it does not expire
  seen_versions only_versions;
  judgement<api_key_view> judge; // of the key as it will be
  change_origin origin;
};

/// Effective within 2 s on every node. Makes an api_key_revoked. Rejections: api_key_unknown,
/// precondition_failed.
struct revoke_api_key {
  tenant_id tenant;
  visible_part part;
  std::string id;
  seen_versions only_versions;
  change_origin origin;
};
struct api_key_revoked {
  std::string id;
};

/// A key was used. Nobody waits for it.
struct api_key_used {
  tenant_id tenant;
  std::string id;
};

} // namespace tessera
