#pragma once

#include <string_view>

namespace tessera {

/// Whether something may be fetched from there: `https://` anywhere, `http://` only from this machine
/// (`localhost` or a loopback address). Nobody's password stands in it, and everybody who reads it finds the
/// same host: ASCII, one spelling of the scheme, no fragment.
bool is_fetchable(std::string_view url);

} // namespace tessera
