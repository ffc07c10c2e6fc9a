#pragma once

#include "messages/changes.hpp"
#include "messages/entities.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// The tree in one answer, and bringing it in line with a host system.
namespace tessera {

/// One page of the whole tree: organisations first, then locations, each by id. Applications are on the first
/// page. Answered by result<directory_page>.
struct read_directory {
  tenant_id tenant;
  visible_part part;
  std::optional<std::vector<std::string>> applications; // only these; nothing: all
  int limit = 10'000;
  std::optional<entity_ref> after;
};
struct directory_page {
  std::int64_t version = 0; // of the tenant's directory
  std::vector<entity_view> entities;
  std::vector<application_view> applications;
  bool more = false;
};

struct wanted_entity {
  entity_ref ref;
  std::string name;
  entity_ref parent;

  friend bool operator==(const wanted_entity&, const wanted_entity&) = default;
};
struct wanted_application {
  std::string id;
  std::string name;
};

/// An entity that was ever made, as far as a plan needs it.
struct existing_entity {
  account_id account;
  entity_ref ref;
  std::string name;
  account_id parent; // nil: the tenant itself
  bool deleted = false;
};
struct existing_application {
  std::string id;
  std::string name;
  bool deleted = false;
};
struct existing_directory {
  std::int64_t version = 0; // as of a page
  std::vector<existing_entity> entities;
  std::vector<existing_application> applications;
};

/// Makes what is not there, changes what is different, leaves everything else alone; all or nothing. The
/// order of the entities means nothing. Makes a directory_upserted. Rejections: precondition_failed, id_taken
/// (it was deleted), parent_unknown, directory_cycle, directory_full; `detail` names the entity.
struct upsert_directory {
  tenant_id tenant;
  std::vector<wanted_entity> entities;
  std::vector<wanted_application> applications;
  seen_versions only_versions; // of the tenant's directory
  change_origin origin;
};
struct directory_upserted {
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
};

} // namespace tessera
