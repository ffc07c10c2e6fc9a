#pragma once

#include "http/auth/idempotency.hpp"
#include "messages/types/digest.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// What a cursor is good for: tenant, route, filters, order. A cursor opens only for the purpose that it was
/// sealed for.
using cursor_purpose = fingerprint;

/// The position of a page as callers carry it around: base64url, signed with `key`.
std::string seal_cursor(const digest& key, const cursor_purpose& purpose, std::string_view position);

/// 400: the cursor does not open.
problem invalid_cursor();

/// The position. Nothing for anything that `seal_cursor` has not made with that key for that purpose.
std::optional<std::string>
open_cursor(const digest& key, const cursor_purpose& purpose, std::string_view cursor);

} // namespace tessera::http
