#include "http/json/writer.hpp"

#include "http/json/timestamp.hpp"

#include <array>
#include <charconv>

namespace tessera::http::json {

namespace {

constexpr auto needs_escape = [] {
  std::array<bool, 256> flags{};
  for (unsigned c = 0; c < 0x20; ++c)
    flags[c] = true;
  flags['"'] = flags['\\'] = true;
  return flags;
}();

void append_escape(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
  case '"': out += "\\\""; break;
  case '\\': out += "\\\\"; break;
  case '\n': out += "\\n"; break;
  case '\r': out += "\\r"; break;
  case '\t': out += "\\t"; break;
  default:
    out += "\\u00";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
}

template <class Number> void append_number(std::string& out, Number number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

} // namespace

/// The last character tells whether a comma is due: after a value it is never one of `{ [ : ,`.
void writer::separate() {
  if (out_.size() == start_) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':' && last != ',') out_ += ',';
}

writer& writer::key(std::string_view name) {
  string(name);
  out_ += ':';
  return *this;
}

writer& writer::string(std::string_view text) {
  return begin_string().more(text).end_string();
}

writer& writer::begin_string() {
  separate();
  out_ += '"';
  return *this;
}

writer& writer::more(std::string_view text) {
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!needs_escape[static_cast<unsigned char>(text[at])]) continue;
    out_.append(text, copied, at - copied);
    append_escape(out_, text[at]);
    copied = at + 1;
  }
  out_.append(text, copied);
  return *this;
}

writer& writer::integer(std::int64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

writer& writer::integer(std::uint64_t number) {
  separate();
  append_number(out_, number);
  return *this;
}

writer& writer::boolean(bool truth) {
  return raw(truth ? "true" : "false");
}

writer& writer::null() {
  return raw("null");
}

writer& writer::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

writer& writer::members(std::string_view json) {
  return raw(json);
}

writer& writer::time(std::int64_t us) {
  separate();
  out_ += '"';
  append_timestamp(out_, us);
  out_ += '"';
  return *this;
}

} // namespace tessera::http::json
