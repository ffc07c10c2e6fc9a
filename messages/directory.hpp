#pragma once

#include "messages/changes.hpp"
#include "messages/types/digest.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

/// The tenant's tree, its applications and its keys, as the hot path sees them.
namespace tessera {

/// What an API key may do. The numbers are bits of a set; the text form is the contract's.
enum class scope : std::uint16_t {
  credits_read = 1 << 0,
  credits_consume = 1 << 1,
  credits_hold = 1 << 2,
  credits_reverse = 1 << 3,
  credits_allocate = 1 << 4,
  credits_purchase = 1 << 5,
  invitations_read = 1 << 6,
  invitations_write = 1 << 7,
  directory_read = 1 << 8,
  directory_write = 1 << 9,
  audit_read = 1 << 10,
};
std::string_view to_string(scope one);
std::optional<scope> parse_scope(std::string_view text);
std::vector<scope> all_scopes();

struct api_key {
  std::string id;
  std::uint16_t scopes = 0;           // a set of `scope`
  std::optional<account_id> bound_to; // this entity and what is below it
  std::string application;            // empty: the request names one
  std::optional<time_point> expires_at;

  bool may(scope one) const { return (scopes & static_cast<std::uint16_t>(one)) != 0; }
};

struct directory_entity {
  account_id account;
  entity_ref ref;
  std::int32_t parent = -1; // index into tenant_snapshot::entities; the tenant itself has none
};

/// One tenant at one version. Immutable: readers share it without locks.
struct tenant_snapshot {
  tenant_id tenant;
  std::string id; // as callers know it
  std::string timezone;
  std::uint64_t version = 0;
  std::vector<directory_entity> entities;
  std::unordered_map<entity_ref, std::uint32_t> by_ref; // index into entities
  std::unordered_set<std::string> applications;
  std::vector<std::pair<digest, api_key>> keys; // SHA-256 of the key; revoked ones are absent

  /// The entity, or null.
  const directory_entity* find(const entity_ref& ref) const;
  /// True when `ancestor` is the entity or above it.
  bool covers(const account_id& ancestor, const directory_entity& entity) const;
};

/// Who calls: a key of a tenant.
struct authenticated_key {
  std::shared_ptr<const tenant_snapshot> tenant;
  const api_key* key = nullptr; // in *tenant
};

/// What the directory is asked to look up in the database.
struct directory_question {
  std::optional<digest> key_sha256; // the tenant of this key
  std::string tenant;               // the tenant that callers know by this id; empty: none
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
/// entity_unknown (the parent).
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

/// Makes an application of the tenant. Makes an application_created. Rejections: id_taken.
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
