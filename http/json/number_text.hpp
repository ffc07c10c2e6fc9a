#pragma once

#include <string_view>

namespace tessera::http::json {

/// The number of a field of the outermost object, digit for digit as it was sent: a double would round it.
/// `json` must be JSON. Empty when there is no such field, its name is escaped, or it is no number.
std::string_view number_text(std::string_view json, std::string_view field);

} // namespace tessera::http::json
