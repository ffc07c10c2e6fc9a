#pragma once

#include "messages/types/ids.hpp"

#include <vector>

namespace tessera {

/// A part of a tenant's tree: one entity, or all that is below it as well.
struct tree_part {
  account_id root;
  bool descendants = false;

  friend bool operator==(const tree_part&, const tree_part&) = default;
};

/// None of them covers another: nothing is in it twice.
using tree_parts = std::vector<tree_part>;

} // namespace tessera
