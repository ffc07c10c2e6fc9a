#pragma once

#include "messages/purchases.hpp"

#include <string>

namespace tessera::http {

/// The receipt of a purchase as a PDF, on A4: the same bytes for the same purchase. Empty when it can't be
/// made. With `fonts/DejaVuSans.ttf` every name is written as it is; without that file what Latin-1 has not
/// becomes `?`.
std::string
receipt_pdf(const purchase_view& purchase, const std::string& fonts = "/usr/share/fonts/truetype/dejavu");

} // namespace tessera::http
