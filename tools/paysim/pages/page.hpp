#pragma once

#include "http/routing/response.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::paysim {

/// Text as HTML.
std::string html(std::string_view text);

/// A page for people: without scripts, and with nothing from elsewhere. The body is HTML already.
http::response page(unsigned status, std::string_view title, const std::string& body);
http::response redirect(std::string location);

/// A form with one button for each value of `action`.
std::string buttons(
    const std::vector<std::pair<std::string_view, std::string_view>>& actions, const std::string& fields = {}
);

} // namespace tessera::paysim
