#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::test {

/// The text at a JSON pointer (`/tenantId`, `/items/0/key`); empty when there is none or it is no text.
std::string text_at(std::string_view json, std::string_view pointer);
/// The integer there, or nothing.
std::optional<std::int64_t> integer_at(std::string_view json, std::string_view pointer);
std::optional<bool> boolean_at(std::string_view json, std::string_view pointer);
/// How many elements the array there has; nothing when it is no array.
std::optional<std::size_t> size_at(std::string_view json, std::string_view pointer);
/// Each element of the array there, as JSON of its own: long answers are read once.
std::vector<std::string> items_at(std::string_view json, std::string_view pointer);

/// The names of the members of the object there, in their order.
std::vector<std::string> names_at(std::string_view json, std::string_view pointer);

} // namespace tessera::test
