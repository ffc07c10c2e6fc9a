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

/// No entity and no application is wanted twice. Rejections: id_taken (it was deleted, and its id stays its
/// own), parent_unknown, directory_cycle.
result<directory_plan> plan_of(const existing_directory& there, const upsert_directory& wanted);

/// Whether an organisation or location may be below such a parent.
bool may_be_below(entity_type child, entity_type parent);

} // namespace tessera
