#pragma once

#include "messages/directory_upsert.hpp"

#include <cstdint>
#include <vector>

/// What bringing a directory in line with a host system comes to. Pure.
namespace tessera {

struct directory_plan {
  std::vector<wanted_entity> created;
  std::vector<wanted_entity> updated;
  std::vector<wanted_application> created_applications;
  std::vector<wanted_application> updated_applications;
  std::int64_t unchanged = 0;
};

/// What a tenant may have at a time. A directory is loaded and told whole.
inline constexpr std::int64_t most_entities = 200'000; // the tenant itself counts
inline constexpr std::int64_t most_applications = 1'000;

/// No entity and no application is wanted twice. Rejections: id_taken (it was deleted, and its id stays its
/// own), parent_unknown, directory_cycle, directory_full.
result<directory_plan> plan_of(const existing_directory& there, const upsert_directory& wanted);

/// Whether an organisation or location may be below such a parent.
bool may_be_below(entity_type child, entity_type parent);

} // namespace tessera
