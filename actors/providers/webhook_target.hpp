#pragma once

#include "actors/providers/address_range.hpp"

#include <string>
#include <string_view>

namespace tessera {

/// Why no webhook goes to that URL; empty: one may. Only `https` to the public internet, whatever form the
/// address is written in; in the ranges that the operator allows `http` too. A name may still lead elsewhere:
/// that is seen when the connection is made.
std::string flaw_of_target(const std::string& url, const address_ranges& allowed);

/// Whether a connection to that address may be made for it.
bool may_connect(std::string_view url, std::string_view address, const address_ranges& allowed);

} // namespace tessera
