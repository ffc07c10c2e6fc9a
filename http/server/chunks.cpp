#include "http/server/chunks.hpp"

#include "http/routing/characters.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::uint64_t most_chunk = std::uint64_t{1} << 59; // one digit more would still fit
constexpr std::size_t longest_name = 64;

std::uint64_t hex_value(char c) {
  return static_cast<std::uint64_t>(is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10);
}

bool is_text(char c) {
  return (c >= ' ' && c <= '~') || c == '\t';
}

/// In a trailer each of these would be a second reading of the same message.
bool is_framing(std::string_view name) {
  return equal_ignoring_case(name, "content-length") || equal_ignoring_case(name, "transfer-encoding") ||
         equal_ignoring_case(name, "host");
}

} // namespace

// Chunks of one byte cost six on the wire; more than that is a client that wants to keep us busy.
chunk_reader::chunk_reader(std::uint64_t limit) : left_(limit), bytes_left_(limit * 8 + 64 * 1024) {}

chunk_reader::progress chunk_reader::feed(std::string_view bytes, std::size_t& used, std::string& body) {
  for (used = 0; used < bytes.size() && at_ != place::done;) {
    const auto count = at_ == place::data ? std::min<std::uint64_t>(size_, bytes.size() - used) : 1;
    if (count > bytes_left_) return progress::malformed;
    bytes_left_ -= count;
    if (at_ == place::data) {
      body.append(bytes, used, count);
      if ((size_ -= count) == 0) at_ = place::data_cr;
    } else if (const auto taken = take(bytes[used]); taken != progress::need_more) {
      return taken;
    }
    used += count;
  }
  return at_ == place::done ? progress::done : progress::need_more;
}

chunk_reader::progress chunk_reader::take(char c) {
  const auto only = [this, c](char expected, place next) {
    return c == expected ? go(next) : progress::malformed;
  };
  switch (at_) {
  case place::size_begin:
  case place::size: return take_size(c);
  case place::extension_name:
  case place::extension_value:
  case place::extension_token:
  case place::extension_word:
  case place::extension_quoted:
  case place::extension_end: return take_extension(c);
  case place::size_lf: return c == '\n' ? end_of_size() : progress::malformed;
  case place::data_cr: return only('\r', place::data_lf);
  case place::data_lf: return only('\n', place::size_begin);
  case place::line_begin:
  case place::trailer_name:
  case place::trailer_value: return take_trailer(c);
  case place::trailer_lf: return only('\n', place::line_begin);
  case place::last_lf: return only('\n', place::done);
  case place::data:
  case place::done: break;
  }
  return progress::malformed;
}

chunk_reader::progress chunk_reader::take_size(char c) {
  if (is_hex(c)) {
    if (at_ == place::size_begin) size_ = 0;
    if (size_ > most_chunk) return progress::too_large;
    size_ = size_ * 16 + hex_value(c);
    return go(place::size);
  }
  if (at_ == place::size_begin) return progress::malformed;
  return take_extension(c);
}

/// Behind the size, a name or a value another extension may begin, or the line ends.
chunk_reader::progress chunk_reader::take_extension(char c) {
  const auto end = [this, c] {
    if (c == ';') return go(place::extension_name);
    return c == '\r' ? go(place::size_lf) : progress::malformed;
  };
  switch (at_) {
  case place::extension_name: return is_token(c) ? go(place::extension_token) : progress::malformed;
  case place::extension_token:
    if (is_token(c)) return progress::need_more;
    return c == '=' ? go(place::extension_value) : end();
  case place::extension_value:
    if (c == '"') return go(place::extension_quoted);
    return is_token(c) ? go(place::extension_word) : progress::malformed;
  case place::extension_quoted:
    if (c == '"') return go(place::extension_end);
    return is_text(c) && c != '\\' ? progress::need_more : progress::malformed;
  case place::extension_word: return is_token(c) ? progress::need_more : end();
  default: return end();
  }
}

chunk_reader::progress chunk_reader::end_of_size() {
  if (size_ == 0) return go(place::line_begin);
  if (size_ > left_) return progress::too_large;
  left_ -= size_;
  return go(place::data);
}

chunk_reader::progress chunk_reader::take_trailer(char c) {
  if (at_ == place::line_begin) {
    if (c == '\r') return go(place::last_lf);
    name_.clear();
  }
  if (at_ == place::trailer_value) {
    if (c == '\r') return go(place::trailer_lf);
    return is_text(c) ? progress::need_more : progress::malformed;
  }
  if (c == ':') return name_.empty() || is_framing(name_) ? progress::malformed : go(place::trailer_value);
  if (!is_token(c) || name_.size() == longest_name) return progress::malformed;
  name_ += c;
  return go(place::trailer_name);
}

} // namespace tessera::http
