#pragma once

#include "messages/changes.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Organisations, locations and applications as people manage them. How they are made: directory.hpp.
namespace tessera {

struct entity_view {
  entity_ref ref;
  account_id account;
  std::string name;
  entity_ref parent;
  time_point created_at;
  std::int64_t version = 1;
};

/// Answered by result<entity_view>. Rejections: entity_unknown.
struct entity_query {
  tenant_id tenant;
  entity_ref ref;
};

/// By id, from `after` on. Answered by result<entity_page>.
struct list_entities {
  tenant_id tenant;
  entity_type type = entity_type::organization;
  visible_part part;
  std::optional<account_id> parent; // those right below it
  int limit = 50;
  std::optional<std::string> after;
};
struct entity_page {
  std::vector<entity_view> entities;
  bool more = false;
};

/// Renames or moves an entity; what is absent stays. Makes an entity_view. Rejections: entity_unknown,
/// parent_unknown, directory_cycle, precondition_failed, and what `judge` says of one that moves.
struct edit_entity {
  tenant_id tenant;
  entity_ref ref;
  std::optional<std::string> name;
  std::optional<entity_ref> parent;
  seen_versions only_versions;
  change_origin origin;
  judgement<entity_view> judge = {}; // of the entity where it is
};

/// Ends an entity whose balance is empty and stays so. Its id is never used again. Makes an entity_deleted.
/// Rejections: entity_unknown, precondition_failed, entity_has_children, entity_has_credits,
/// entity_has_holds, entity_has_pending, and what `judge` says.
struct delete_entity {
  tenant_id tenant;
  entity_ref ref;
  seen_versions only_versions;
  change_origin origin;
  judgement<entity_view> judge = {}; // of the entity where it is
  bool credits_may_go = false; // they stand in the way last: entity_has_credits says that nothing else does
};
struct entity_deleted {
  entity_ref ref;
};

struct application_view {
  std::string id;
  std::string name;
  time_point created_at;
  std::int64_t version = 1;
};

/// Answered by result<application_view>. Rejections: application_unknown.
struct application_query {
  tenant_id tenant;
  std::string id;
};

struct list_applications {
  tenant_id tenant;
  std::optional<std::vector<std::string>> among; // only these; nothing: all
  int limit = 50;
  std::optional<std::string> after;
};
struct application_page {
  std::vector<application_view> applications;
  bool more = false;
};

/// Makes an application_view. Rejections: application_unknown, precondition_failed.
struct edit_application {
  tenant_id tenant;
  std::string id;
  std::optional<std::string> name;
  seen_versions only_versions;
  change_origin origin;
};

/// Ends an application: nobody calls for it any more, and keys bound to it are revoked. Makes an
/// application_deleted. Rejections: application_unknown, precondition_failed.
struct delete_application {
  tenant_id tenant;
  std::string id;
  seen_versions only_versions;
  change_origin origin;
};
struct application_deleted {
  std::string id;
};

} // namespace tessera
