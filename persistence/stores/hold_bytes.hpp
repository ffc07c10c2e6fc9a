#pragma once

#include "messages/holds.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Holds as bytes: what an entry says of one, as it is hashed, and the open ones of a snapshot.
namespace tessera::persistence {

std::string pack_mark(const hold_mark& mark);
/// Nothing when it has another length.
std::optional<hold_mark> unpack_mark(std::string_view bytes);

std::string pack_holds(const std::vector<open_hold>& holds);
/// Bytes that are none give a hold that can't be.
std::vector<open_hold> unpack_holds(std::string_view bytes);

} // namespace tessera::persistence
