#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::paysim {

namespace json = boost::json;

/// One object of the API, with its members in the order in which they are answered. Members whose name begins
/// with '_' are what the sandbox remembers of it; nobody is shown them.
using document = json::object;

/// The text of a member; empty when it is null, absent or no text.
std::string_view text_of(const document& of, std::string_view name);
/// The number of a member; 0 when it is null, absent or no number.
std::int64_t number_of(const document& of, std::string_view name);
/// Whether a member is `true`.
bool is_set(const document& of, std::string_view name);
/// Whether a member is there and not null.
bool has(const document& of, std::string_view name);
/// The member of that name, as an object; an empty one when it is none.
const document& object_of(const document& of, std::string_view name);

json::value text_or_null(std::string_view text);

/// A copy without what is only remembered.
json::value shown(const json::value& of);
std::string to_json(const json::value& of);

} // namespace tessera::paysim
