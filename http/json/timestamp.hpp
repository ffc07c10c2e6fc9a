#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::http::json {

/// Microseconds since 1970 of an RFC 3339 time in UTC: `2026-02-28T09:30:00[.f]Z`, upper case, one to nine
/// digits of fraction of which six count. No leap second, no impossible day; years 0001 to 9999.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

/// The same, but an offset like `+02:00` may stand in place of the Z (CloudEvents sends those).
std::optional<std::int64_t> parse_timestamp_with_offset(std::string_view text);

/// Days since 1970 of `2026-02-28`.
std::optional<std::int32_t> parse_date(std::string_view text);

/// Appends the time with milliseconds, or with microseconds when they are not 0. Years 0001 to 9999.
void append_timestamp(std::string& out, std::int64_t us);

} // namespace tessera::http::json
