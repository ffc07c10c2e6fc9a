#pragma once

#include "tools/paysim/support/document.hpp"
#include "tools/paysim/support/store.hpp"

#include <string>
#include <vector>

namespace tessera::paysim {

/// Replaces the ids that the paths lead to ("data.payment_intent.latest_charge") by their objects. Throws
/// api_error where a path leads to nothing that could be one.
void expand(store& documents, json::value& answer, const std::vector<std::string>& paths);

} // namespace tessera::paysim
