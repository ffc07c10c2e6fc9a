#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// RFC 4648 5, without padding.
std::string encode_base64url(std::string_view bytes);

/// Nothing unless `encode_base64url` could have made the text: it has one spelling.
std::optional<std::string> decode_base64url(std::string_view text);

} // namespace tessera::http
