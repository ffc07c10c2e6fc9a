#pragma once

#include "messages/access.hpp"
#include "messages/api_keys.hpp"
#include "messages/session_ends.hpp"
#include "messages/types/digest.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

/// The tenant's tree, its applications, keys and people, as the hot path sees them.
namespace tessera {

/// Small: a tenant may have 100,000 of them.
struct directory_entity {
  account_id account;
  std::string_view id;      // into the tree's text
  std::int32_t parent = -1; // its place in the tree; the tenant itself has none
  entity_type type = entity_type::tenant;

  entity_ref ref() const { return {type, std::string(id)}; }
};

/// The entities of a tenant. Immutable once it is built. Looking up allocates nothing; by name, which every
/// metering call does, it is one step into a hash table.
class entity_tree {
public:
  /// What it is built from, in any order.
  struct row {
    account_id account;
    entity_type type = entity_type::tenant;
    std::string_view id;
    account_id parent; // nil: none
  };

  entity_tree() = default;
  /// An entity whose parent is not among the rows is left out, with all below it.
  explicit entity_tree(std::span<const row> rows);
  entity_tree(entity_tree&&) = default; // the text stays where it is
  entity_tree& operator=(entity_tree&&) = default;
  entity_tree(const entity_tree&) = delete;
  entity_tree& operator=(const entity_tree&) = delete;

  /// By type and id.
  std::span<const directory_entity> all() const { return entities_; }
  /// The entity, or null.
  const directory_entity* find(entity_type type, std::string_view id) const;
  const directory_entity* find(const account_id& account) const;
  /// The tenant itself, or null when it is not there.
  const directory_entity* root() const { return entities_.empty() ? nullptr : &entities_.front(); }
  const directory_entity* parent_of(const directory_entity& entity) const {
    return entity.parent < 0 ? nullptr : &entities_[static_cast<std::size_t>(entity.parent)];
  }
  /// True when `ancestor` is the entity or above it.
  bool covers(const account_id& ancestor, const directory_entity& entity) const;
  std::size_t bytes() const;

private:
  std::vector<char> text_; // all ids
  std::vector<directory_entity> entities_;
  std::vector<std::uint32_t> by_account_; // places, in the order of accounts
  std::vector<std::uint32_t> by_name_; // places, open addressing; a power of two, half of it empty at least
};

/// One tenant at one version. Immutable, but for sessions that end: readers share it without locks.
struct tenant_snapshot {
  tenant_id tenant;
  std::string id; // as callers know it
  std::string timezone;
  std::uint64_t version = 0;
  tenant_policies policies;
  entity_tree tree; // without what was deleted
  std::unordered_set<std::string> applications;
  std::vector<std::pair<digest, api_key>> keys; // SHA-256 of the key; revoked ones are absent
  std::vector<directory_user> users;            // active ones, by id
  std::vector<user_identity> identities;        // of active users, by issuer and subject
  std::vector<uuid> ended_sessions;             // sorted; of the last `sessions_remembered_for`
  std::shared_ptr<session_ends> ended_since = std::make_shared<session_ends>();

  /// The entity, or null.
  const directory_entity* find(const entity_ref& ref) const { return tree.find(ref.type, ref.id); }
  const directory_entity* find(const account_id& account) const { return tree.find(account); }
  /// True when `ancestor` is the entity or above it.
  bool covers(const account_id& ancestor, const directory_entity& entity) const {
    return tree.covers(ancestor, entity);
  }
  /// The user, or null.
  const directory_user* find_user(std::string_view user) const;
  const directory_user* find_user(std::string_view issuer, std::string_view subject) const;
  bool has_ended(const uuid& session) const;
};

} // namespace tessera
