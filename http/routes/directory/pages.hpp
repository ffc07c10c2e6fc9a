#pragma once

#include "http/auth/cursor.hpp"
#include "http/json/writer.hpp"
#include "http/routes/service.hpp"
#include "http/routing/query.hpp"
#include "messages/changes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the lists of the directory have in common: `limit` and `cursor`, `nextCursor` and Link.
namespace tessera::http {

inline constexpr std::int64_t page_limit = 100;

struct page_question {
  int limit = 50;
  std::optional<std::string_view> cursor;
};
page_question read_page(query_reader& query, std::int64_t most = page_limit);

/// Where the page begins; 400 when the cursor is not one of ours for this list.
std::optional<problem> open_page(
    const service& with,
    const cursor_purpose& purpose,
    const page_question& asked,
    std::optional<std::string>& after
);

/// Ends the list: `nextCursor` after the last one that was shown, null when there are no more.
void close_page(
    json::writer& out,
    response& answer,
    const service& with,
    const cursor_purpose& purpose,
    const request& request,
    const std::optional<std::string>& last
);

/// The same with a cursor that is sealed already; empty: there are no more.
void close_page(json::writer& out, response& answer, const request& request, const std::string& cursor);

} // namespace tessera::http
