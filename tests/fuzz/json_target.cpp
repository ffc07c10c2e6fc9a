#include "http/json/document.hpp"
#include "http/json/number_text.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "tests/fuzz/target.hpp"

namespace tessera::fuzz {

namespace {

using simdjson::dom::element_type;

/// The value in our own writing, and how deep it is.
std::size_t write(http::json::writer& out, const simdjson::dom::element& from) {
  std::size_t deepest = 0;
  switch (from.type()) {
  case element_type::OBJECT:
    out.begin_object();
    for (const auto member : from.get_object()) {
      out.key(member.key);
      deepest = std::max(deepest, write(out, member.value));
    }
    out.end_object();
    return deepest + 1;
  case element_type::ARRAY:
    out.begin_array();
    for (const auto item : from.get_array())
      deepest = std::max(deepest, write(out, item));
    out.end_array();
    return deepest + 1;
  case element_type::STRING: out.string(from.get_string().value()); return 0;
  case element_type::INT64: out.integer(from.get_int64().value()); return 0;
  case element_type::UINT64: out.integer(from.get_uint64().value()); return 0;
  case element_type::BOOL: out.boolean(from.get_bool().value()); return 0;
  case element_type::DOUBLE: out.raw(simdjson::minify(from)); return 0;
  case element_type::NULL_VALUE: out.null(); return 0;
  }
  return 0;
}

std::string rewritten(std::string_view json) {
  http::json::document parsed;
  claim(parsed.parse(json).empty(), "what we write is JSON that we read");
  std::string text;
  http::json::writer out(text);
  claim(write(out, parsed.root()) <= http::json::max_depth, "nothing is deeper than it may be");
  return text;
}

/// Asks for fields of every kind, as a route does.
void read_fields(std::string_view bytes) {
  http::json::reader body(bytes);
  auto root = body.object();
  (void)root.string("s", {.most = 5});
  (void)root.optional_integer("i", {.least = -5, .most = 5});
  (void)root.optional_boolean("b");
  (void)root.optional_time("t", {.with_offset = true});
  (void)root.optional_choice("c", {"a", "b"});
  if (const auto raw = root.optional_raw("r")) claim(raw->find('\n') == raw->npos, "raw text is minified");
  (void)root.optional_decimal("d");
  for (const auto item : root.array("a", {.most = 3}))
    (void)item.object().optional_string("s");
  while (const auto next = root.next_unread())
    if (next->second.is_object()) next->second.object().ignore_unread();
  const auto wrong = body.refusal();
  claim(body.parsed() || (wrong && wrong->status == 400), "what is no JSON is 400");
  claim(!wrong || wrong->status == 400 || wrong->status == 422, "what is wrong is 400 or 422");
}

} // namespace

void run_json(std::string_view bytes) {
  read_fields(bytes);
  http::json::document parsed;
  if (!parsed.parse(bytes).empty()) return;
  claim(bytes.find('\0') == bytes.npos, "JSON has no NUL");
  const auto once = rewritten(bytes);
  claim(rewritten(once) == once, "written once or twice, it is the same");
  const auto number = http::json::number_text(bytes, "d");
  claim(number.empty() || bytes.find(number) != bytes.npos, "a number is a part of the body");
}

} // namespace tessera::fuzz
