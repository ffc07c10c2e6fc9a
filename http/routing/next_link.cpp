#include "http/routing/next_link.hpp"

#include "http/routing/query.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

/// What would end the link or the header is encoded.
void append_encoded(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '<' && c != '>' && c != '"') {
      out += c;
      continue;
    }
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

} // namespace

std::string next_link(const request& request, std::string_view cursor) {
  std::string link = "<";
  append_encoded(link, request.path);
  link += '?';
  for (auto rest = request.query; !rest.empty();) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty() || percent_decode(pair.substr(0, pair.find('=')), true) == "cursor") continue;
    append_encoded(link, pair);
    link += '&';
  }
  return link.append("cursor=").append(cursor).append(">; rel=\"next\"");
}

} // namespace tessera::http
