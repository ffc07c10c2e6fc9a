#pragma once

#include <string>
#include <string_view>

namespace tessera::http {

/// Appends text so that it is text in HTML, in an element as well as in a quoted attribute.
void append_html(std::string& out, std::string_view text);

} // namespace tessera::http
