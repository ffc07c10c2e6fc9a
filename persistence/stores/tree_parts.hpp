#pragma once

#include "messages/tree_part.hpp"
#include "persistence/pg/parameters.hpp"

namespace tessera::persistence {

/// Two arrays: all roots, and those of which everything below counts as well.
inline pg::parameters& add_parts(pg::parameters& values, const tree_parts& parts) {
  using type = pg::parameters::type;
  const auto root_of = [](const tree_part& part) { return part.root; };
  auto with_all_below = parts;
  std::erase_if(with_all_below, [](const tree_part& part) { return !part.descendants; });
  return values.add_array(type::uuid, parts, root_of).add_array(type::uuid, with_all_below, root_of);
}

} // namespace tessera::persistence
