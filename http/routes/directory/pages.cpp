#include "http/routes/directory/pages.hpp"

#include "http/routing/next_link.hpp"

namespace tessera::http {

page_question read_page(query_reader& query, std::int64_t most) {
  page_question asked;
  asked.limit =
      static_cast<int>(query.integer("limit", 1, most).value_or(most > page_limit ? most : asked.limit));
  asked.cursor = query.text("cursor");
  return asked;
}

std::optional<problem> open_page(
    const service& with,
    const cursor_purpose& purpose,
    const page_question& asked,
    std::optional<std::string>& after
) {
  if (!asked.cursor) return std::nullopt;
  after = open_cursor(with.cursor_key, purpose, *asked.cursor);
  return after ? std::nullopt : std::optional(invalid_cursor());
}

void close_page(
    json::writer& out,
    response& answer,
    const service& with,
    const cursor_purpose& purpose,
    const request& request,
    const std::optional<std::string>& last
) {
  close_page(out, answer, request, last ? seal_cursor(with.cursor_key, purpose, *last) : std::string());
}

void close_page(json::writer& out, response& answer, const request& request, const std::string& cursor) {
  out.key("nextCursor");
  cursor.empty() ? out.null() : out.string(cursor);
  out.end_object();
  if (!cursor.empty()) answer.headers.emplace_back("Link", next_link(request, cursor));
}

} // namespace tessera::http
