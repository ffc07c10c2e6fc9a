#pragma once

#include "http/json/writer.hpp"
#include "messages/purchases.hpp"

#include <string>
#include <string_view>

namespace tessera::http {

/// Where the receipt of a purchase is. `base_url` without a slash at the end; empty: the URL is relative.
std::string invoice_url(std::string_view base_url, std::string_view purchase_id);

/// The members of the purchase into the open object (shapes.md `Purchase`).
void write_purchase(json::writer& out, const purchase_view& purchase, std::string_view base_url);

} // namespace tessera::http
