#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tessera {

/// The text in Unicode's normal form C, in which two spellings of one text are equal. Nothing when it is no
/// UTF-8.
std::optional<std::string> normal_form(std::string_view utf8);

/// The host's name in lower case and ASCII (UTS 46, IDNA 2008, with the checks of the DNS's lengths). Nothing
/// when it is no such name.
std::optional<std::string> ascii_domain(std::string_view utf8);

} // namespace tessera
