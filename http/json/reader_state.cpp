#include "http/json/reader_state.hpp"

namespace tessera::http::json {

namespace {

constexpr std::size_t max_errors = 50; // of one answer; the rest is counted

/// `~` and `/` have a meaning in a JSON pointer (RFC 6901).
void append_token(std::string& pointer, std::string_view key) {
  pointer += '/';
  for (const char c : key) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
}

} // namespace

void reader_state::start(std::string_view given) {
  body = given;
  entries.clear();
  objects.clear();
  errors.clear();
  errors_left_out = 0;
  wrong_type = false;
  syntax_error = parsed.parse(given);
  if (syntax_error.empty()) entries.push_back({.element = parsed.root()});
}

/// Gives back what one large batch took.
void reader_state::finish() {
  busy = false;
  if (entries.capacity() > 4'096) entries = {};
  if (objects.capacity() > 1'024) objects = {};
}

std::uint32_t reader_state::open_object(std::uint32_t at) {
  if (entries[at].opened != none) return entries[at].opened;
  const auto first = static_cast<std::uint32_t>(entries.size());
  const simdjson::dom::object fields{entries[at].element.get_object()};
  for (const auto field : fields)
    entries.push_back({.element = field.value, .parent = at, .key = field.key, .is_field = true});
  objects.push_back({at, first, static_cast<std::uint32_t>(entries.size()), first, first});
  return entries[at].opened = static_cast<std::uint32_t>(objects.size() - 1);
}

std::uint32_t reader_state::find(std::uint32_t object, std::string_view name) {
  auto& fields = objects[object];
  auto at = fields.hint;
  for (auto left = fields.end - fields.first; left > 0; --left) {
    if (at == fields.end) at = fields.first;
    if (entries[at].key == name) {
      fields.hint = at + 1;
      return at;
    }
    ++at;
  }
  return none;
}

std::string reader_state::pointer(std::uint32_t at) const {
  const auto& here = entries[at];
  if (here.parent == none) return {};
  auto text = pointer(here.parent);
  append_token(text, here.is_field ? std::string{here.key} : std::to_string(here.index));
  return text;
}

void reader_state::reject(std::string pointer, std::string_view code, std::string detail) {
  // The first thing that is wrong with a field is told; what follows from it is not.
  if (!errors.empty() && errors.back().pointer == pointer) return;
  if (errors.size() == max_errors)
    ++errors_left_out;
  else
    errors.push_back({std::move(pointer), code, std::move(detail)});
}

void reader_state::reject_type(std::uint32_t at, std::string_view expected) {
  // The first wrong type must be among the errors that are told, whatever came before it.
  if (!wrong_type && errors.size() == max_errors) errors.pop_back();
  wrong_type = true;
  reject(pointer(at), "invalid_type", "Must be " + std::string{expected} + ".");
}

void reader_state::reject_unread_fields() {
  for (std::size_t object = 0; object < objects.size(); ++object)
    for (auto at = objects[object].first; at != objects[object].end; ++at) {
      if (entries[at].read) continue;
      entries[at].read = true;
      reject(pointer(at), "unknown_field", "There is no such field.");
    }
}

} // namespace tessera::http::json
