#pragma once

#include "persistence/pg/parameters.hpp"

#include <string>
#include <vector>

namespace tessera::persistence {

/// One parameter: an array of texts.
inline pg::parameters& add_text_array(pg::parameters& into, const std::vector<std::string>& texts) {
  return into.add_array(pg::parameters::type::text, texts, [](const std::string& s) -> std::string_view {
    return s;
  });
}

} // namespace tessera::persistence
