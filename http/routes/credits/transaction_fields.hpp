#pragma once

#include "messages/entries.hpp"

#include <string>
#include <string_view>

namespace tessera::http {

/// What the reference of an entry of that type is an id of; empty: such entries have none. Of a spend and an
/// expiry it is a hold, if they have one: what went beyond it, and what came back too late.
std::string_view reference_name(entry_type type);

/// 64 lower-case digits.
std::string to_hex(const digest& bytes);

} // namespace tessera::http
