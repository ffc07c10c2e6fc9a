#pragma once

#include "messages/purchases.hpp"

#include <string>

namespace tessera::http {

/// The receipt of a purchase as an HTML page that stands alone. Everything that people have typed is escaped.
std::string receipt_page(const purchase_view& purchase);

} // namespace tessera::http
