#pragma once

#include "http/auth/invitation_access.hpp"
#include "http/json/reader.hpp"

namespace tessera::http {

/// Of a reason that may be given.
inline constexpr json::string_rules reason_rules{
    .most = 500,
    .accepts = is_plain_message,
    .code = "invalid_reason",
    .expected = "A reason has no control characters and no web address."};

} // namespace tessera::http
