#pragma once

#include "tools/paysim/api/endpoint.hpp"

#include <functional>

namespace tessera::paysim {

/// Which documents of a kind a list is of.
using list_filter = std::function<bool(const document&)>;

/// Reads `limit`, `starting_after`, `ending_before`, `created` and answers that page, newest first. Calls
/// `done`: whatever else the list can be filtered by has been read before.
json::value answer_list(const call& of, std::string_view kind, const list_filter& wanted = {});

/// A list that is part of another object, whole.
document whole_list(json::array data, std::string url);

} // namespace tessera::paysim
