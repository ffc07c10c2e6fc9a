#include "http/server/framing.hpp"

#include "http/routing/characters.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace tessera::http {

namespace {

enum class byte_class : unsigned char { refused, plain, cr, lf };

/// What may stand in a header block at all: visible ASCII, space and tab.
constexpr auto byte_classes = [] {
  std::array<byte_class, 256> classes{};
  for (unsigned c = 0x20; c < 0x7f; ++c)
    classes[c] = byte_class::plain;
  classes['\t'] = byte_class::plain;
  classes['\r'] = byte_class::cr;
  classes['\n'] = byte_class::lf;
  return classes;
}();

constexpr auto token_characters = [] {
  std::array<bool, 256> characters{};
  for (unsigned c = 0; c < 0x7f; ++c)
    characters[c] = is_token(static_cast<char>(c));
  return characters;
}();

/// RFC 3986 knows no use for some characters in a path or a query; what sends them means something else than
/// we would read.
constexpr auto target_characters = [] {
  std::array<bool, 256> characters{};
  for (unsigned c = 0x21; c < 0x7f; ++c)
    characters[c] = std::string_view{"\"#<>\\^`{|}"}.find(static_cast<char>(c)) == std::string_view::npos;
  return characters;
}();

bool is_of_framing(std::string_view name) {
  return equal_ignoring_case(name, "content-length") || equal_ignoring_case(name, "transfer-encoding");
}

bool is_token_text(std::string_view text) {
  for (const char c : text)
    if (!token_characters[static_cast<unsigned char>(c)]) return false;
  return !text.empty();
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && is_digit(text.front()) && port <= 65'535;
}

bool is_host_name(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    for (const char c : text.substr(1, text.size() - 2))
      if (!is_hex(c) && c != ':' && c != '.') return false;
    return true;
  }
  for (const char c : text)
    if (!is_alnum(c) && c != '.' && c != '-' && c != '_') return false;
  return !text.empty() && text.size() <= 255;
}

bool is_host(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || text.back() == ']') return is_host_name(text);
  return is_host_name(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

} // namespace

framing framing_gate::refuse(unsigned status, std::string_view code, std::string_view reason) {
  refusal_ = {status, code, reason};
  return framing::refused;
}

void framing_gate::next() {
  scanned_ = line_end_ = block_end_ = 0;
  saw_host_ = saw_length_ = saw_coding_ = says_close_ = says_keep_alive_ = false;
  head_.headers.clear();
  head_.body = body_kind::none;
  head_.content_length = 0;
  head_.expects_continue = false;
}

framing framing_gate::read(std::string_view bytes) {
  if (const auto scanned = scan(bytes); scanned != framing::accepted) return scanned;
  // The request line was looked at when it became complete, but the bytes may have moved since.
  if (head_.method.data() != bytes.data()) read_request_line(bytes.substr(0, line_end_ - 2));
  if (const auto fields = read_fields(bytes.substr(line_end_, block_end_ - line_end_ - 2));
      fields != framing::accepted)
    return fields;
  head_.size = block_end_;
  return check_whole();
}

/// Finds the end of the block and refuses a forbidden byte as soon as it arrives, not when the block is
/// complete: a client that ends its lines with a bare LF would wait for ever.
framing framing_gate::scan(std::string_view bytes) {
  const auto limit = std::min(bytes.size(), limits_.max_bytes);
  auto at = scanned_;
  for (; at < limit; ++at) {
    const auto kind = byte_classes[static_cast<unsigned char>(bytes[at])];
    if (kind == byte_class::plain) continue;
    if (kind == byte_class::refused) return malformed("A byte that no header may contain.");
    if (kind == byte_class::lf) return malformed("A line feed without a carriage return.");
    if (at + 1 == bytes.size()) break; // its line feed may still come
    if (bytes[at + 1] != '\n') return malformed("A carriage return without a line feed.");
    ++at;
    if (line_end_ == 0) {
      line_end_ = at + 1;
      if (const auto line = read_request_line(bytes.substr(0, at - 1)); line != framing::accepted)
        return line;
    } else if (bytes[at - 2] == '\n') {
      block_end_ = at + 1;
      return block_end_ > limits_.max_bytes ? too_long() : framing::accepted;
    }
  }
  scanned_ = at;
  return bytes.size() >= limits_.max_bytes ? too_long() : framing::need_more;
}

framing framing_gate::too_long() {
  if (line_end_ == 0) return refuse(414, "uri_too_long", "The request target is too long.");
  return refuse(431, "headers_too_large", "The header block is too large.");
}

framing framing_gate::read_request_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return malformed("The request line has not three parts.");
  head_.method = line.substr(0, first);
  head_.target = line.substr(first + 1, last - first - 1);
  for (const char c : head_.method)
    if (!is_upper(c)) return malformed("The method is not in upper-case letters.");
  if (head_.method.empty() || head_.method.size() > 20) return malformed("The method is empty or too long.");
  if (head_.method == "CONNECT") return malformed("CONNECT asks for a tunnel, and there is none.");
  if (const auto version = read_version(line.substr(last + 1)); version != framing::accepted) return version;
  if (head_.target.size() > limits_.max_target_bytes)
    return refuse(414, "uri_too_long", "The request target is too long.");
  if (head_.target.empty() || head_.target.front() != '/')
    return malformed("The target is not in origin form.");
  for (const char c : head_.target)
    if (!target_characters[static_cast<unsigned char>(c)])
      return malformed("The target has a character that must be percent-encoded.");
  return framing::accepted;
}

framing framing_gate::read_version(std::string_view version) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") {
    head_.minor_version = version.back() - '0';
    return framing::accepted;
  }
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                           version[6] == '.' && is_digit(version[7]);
  if (!well_formed) return malformed("The protocol version is malformed.");
  return refuse(505, "version_not_supported", "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
}

framing framing_gate::read_fields(std::string_view lines) {
  while (!lines.empty()) {
    const auto end = lines.find('\r');
    const auto line = lines.substr(0, end);
    lines.remove_prefix(end + 2);
    if (is_blank(line.front())) return malformed("A folded header line.");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return malformed("A header line without a colon.");
    const auto name = line.substr(0, colon);
    if (!is_token_text(name)) return malformed("A header name that is empty or no token.");
    if (head_.headers.size() == limits_.max_headers)
      return refuse(431, "headers_too_large", "There are too many headers.");
    const auto value = trimmed(line.substr(colon + 1));
    head_.headers.emplace_back(name, value);
    if (is_of_framing(name) && line.find('\t') != std::string_view::npos)
      return malformed("A tab where other parsers take none.");
    if (const auto field = read_field(name, value); field != framing::accepted) return field;
  }
  return framing::accepted;
}

/// Looks at the headers that say where the request ends or who it is for; the length of the name tells most
/// apart.
framing framing_gate::read_field(std::string_view name, std::string_view value) {
  switch (name.size()) {
  case 4: return equal_ignoring_case(name, "host") ? read_host(value) : framing::accepted;
  case 6: return equal_ignoring_case(name, "expect") ? read_expect(value) : framing::accepted;
  case 10:
    if (equal_ignoring_case(name, "connection")) read_connection(value);
    return framing::accepted;
  case 14:
    return equal_ignoring_case(name, "content-length") ? read_content_length(value) : framing::accepted;
  case 16:
    // No header of HTTP, but there are parsers that read it as one: what ends a connection for them ends
    // ours.
    if (equal_ignoring_case(name, "proxy-connection")) read_proxy_connection(value);
    return framing::accepted;
  case 17:
    return equal_ignoring_case(name, "transfer-encoding") ? read_transfer_encoding(value) : framing::accepted;
  default: return framing::accepted;
  }
}

framing framing_gate::read_content_length(std::string_view value) {
  if (std::exchange(saw_length_, true)) return malformed("Content-Length is repeated.");
  // 18 digits cannot overflow 64 bits and are far above every limit.
  if (value.empty() || value.size() > 18) return malformed("Content-Length is empty or too long.");
  for (const char c : value) {
    if (!is_digit(c)) return malformed("Content-Length is not a plain number.");
    head_.content_length = head_.content_length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return framing::accepted;
}

framing framing_gate::read_transfer_encoding(std::string_view value) {
  if (std::exchange(saw_coding_, true)) return malformed("Transfer-Encoding is repeated.");
  if (!equal_ignoring_case(value, "chunked")) return malformed("The only transfer coding is chunked.");
  return framing::accepted;
}

framing framing_gate::read_host(std::string_view value) {
  if (std::exchange(saw_host_, true)) return malformed("Host is repeated.");
  if (value.empty() || !is_host(value)) return malformed("Host is not a host.");
  return framing::accepted;
}

framing framing_gate::read_expect(std::string_view value) {
  if (!equal_ignoring_case(value, "100-continue"))
    return refuse(417, "expectation_failed", "The only expectation that can be met is 100-continue.");
  head_.expects_continue = true;
  return framing::accepted;
}

void framing_gate::read_connection(std::string_view value) {
  for_each_element(value, [this](std::string_view option) {
    says_close_ = says_close_ || equal_ignoring_case(option, "close");
    says_keep_alive_ = says_keep_alive_ || equal_ignoring_case(option, "keep-alive");
  });
}

void framing_gate::read_proxy_connection(std::string_view value) {
  for_each_element(value, [this](std::string_view option) {
    says_close_ = says_close_ || equal_ignoring_case(option, "close");
  });
}

framing framing_gate::check_whole() {
  const bool modern = head_.minor_version == 1;
  if (modern && !saw_host_) return malformed("Host is missing.");
  if (saw_coding_ && !modern) return malformed("Transfer-Encoding in HTTP/1.0.");
  if (saw_coding_ && saw_length_) return malformed("Both Transfer-Encoding and Content-Length.");
  head_.keep_alive = !says_close_ && (modern || says_keep_alive_);
  head_.expects_continue =
      head_.expects_continue && modern; // an HTTP/1.0 client cannot read an interim answer
  if (saw_coding_) head_.body = body_kind::chunked;
  if (head_.content_length > 0) head_.body = body_kind::length;
  if (head_.body != body_kind::none && (head_.method == "GET" || head_.method == "HEAD"))
    return malformed("GET and HEAD have no body.");
  return framing::accepted;
}

} // namespace tessera::http
