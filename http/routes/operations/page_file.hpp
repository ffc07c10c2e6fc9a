#pragma once

#include "http/routing/router.hpp"

#include <string_view>

namespace tessera::http {

// Files of http/pages, by their name. Throw std::logic_error when there is none.

/// A plain page: nothing of it comes from elsewhere, nobody frames it, its forms go nowhere by themselves.
handler page_of(std::string_view name);
handler script_of(std::string_view name);
handler style_of(std::string_view name);

} // namespace tessera::http
