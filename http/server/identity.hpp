#pragma once

#include <string>
#include <string_view>

namespace tessera::http {

/// 1 to 128 characters of `[A-Za-z0-9._-]`: safe in a log line, a header and a file name.
bool is_request_id(std::string_view text);

/// Replaces `id` by a fresh UUIDv7. Unique, not secret: its random part comes from a generator of the thread
/// that was seeded by the system once.
void make_request_id(std::string& id);

/// `version-trace-parent-flags` of W3C Trace Context, lower-case, with neither id all zeros.
bool is_traceparent(std::string_view text);

} // namespace tessera::http
