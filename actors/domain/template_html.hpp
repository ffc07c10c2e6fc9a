#pragma once

#include "actors/domain/template_text.hpp"

#include <string_view>

namespace tessera {

/// Why the HTML of a template, which has no flaw as a template, would let a value be more than text. Values
/// are escaped, which is enough in the text and in quoted attributes; so a variable stands there only: not in
/// names, unquoted attributes, comments, scripts, styles or event handlers, and in an attribute that has an
/// address only one that we make (`…Url`), at its beginning. What is left out with a section must not change
/// where the rest stands.
template_flaw html_flaw_of(std::string_view html);

} // namespace tessera
