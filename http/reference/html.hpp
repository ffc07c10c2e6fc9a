#pragma once

#include <string>
#include <string_view>

namespace tessera::reference {

/// The text as HTML.
std::string escaped(std::string_view text);
/// The same between two tags of that name.
std::string in(std::string_view tag, std::string_view html);
std::string code(std::string_view text);

} // namespace tessera::reference
