#pragma once

#include "messages/changes.hpp"
#include "messages/tenant_snapshot.hpp"
#include "messages/types/digest.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// The node's copies of the tenants, and what is changed in a directory.
namespace tessera {

/// Who calls: a key of a tenant.
struct authenticated_key {
  std::shared_ptr<const tenant_snapshot> tenant;
  const api_key* key = nullptr; // in *tenant
};

/// What the directory is asked to look up in the database.
struct directory_question {
  std::optional<digest> key_sha256; // the tenant of this key
  std::string tenant;               // the tenant that callers know by this id; empty: none
  std::optional<tenant_id> id;      // this tenant
};

/// The node's copies of the tenants. Safe from any thread; a change in the database shows within 2 s.
class directory_view {
public:
  virtual ~directory_view() = default;
  /// Nothing: no loaded tenant has this key; it may be a new one (see gateway::refresh_directory).
  virtual std::optional<authenticated_key> find_key(const digest& key_sha256) const = 0;
  virtual std::shared_ptr<const tenant_snapshot> find_tenant(const tenant_id& tenant) const = 0;
  /// By the id that callers know. Null: no loaded tenant has it.
  virtual std::shared_ptr<const tenant_snapshot> find_tenant_named(std::string_view id) const = 0;
};

/// Makes an entity of the tenant and opens its account. Makes an entity_created. Rejections: id_taken,
/// directory_full, entity_unknown (the parent).
struct create_entity {
  tenant_id tenant;
  entity_ref ref; // an empty id: one is made
  std::string name;
  entity_ref parent;
  change_origin origin = {};
};
struct entity_created {
  entity_ref ref;
  account_id account;
};

/// Makes an application of the tenant. Makes an application_created. Rejections: id_taken,
/// directory_full.
struct create_application {
  tenant_id tenant;
  std::string id;
  std::string name;
  change_origin origin = {};
};
struct application_created {
  std::string id;
};

} // namespace tessera
