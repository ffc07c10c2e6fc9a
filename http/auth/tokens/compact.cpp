#include "http/auth/tokens/compact.hpp"

#include "http/auth/base64url.hpp"
#include "http/json/document.hpp"

namespace tessera::http {

namespace {

constexpr std::size_t most_header_bytes = 1'024;
constexpr std::size_t most_key_id_bytes = 256;

/// A member that is a text, or absent; false when it is anything else.
bool read_text(const simdjson::dom::object& from, std::string_view name, std::optional<std::string>& into) {
  const auto member = from[name];
  if (member.error() == simdjson::NO_SUCH_FIELD) return true;
  std::string_view text;
  if (member.get(text) != simdjson::SUCCESS) return false;
  into = std::string(text);
  return true;
}

bool read_header(std::string_view json, compact_token& into) {
  json::document document;
  simdjson::dom::object header;
  if (!document.parse(json).empty() || document.root().get(header) != simdjson::SUCCESS) return false;
  if (header["crit"].error() != simdjson::NO_SUCH_FIELD) return false;
  std::optional<std::string> algorithm;
  std::optional<std::string> type;
  if (!read_text(header, "alg", algorithm) || !read_text(header, "typ", type) ||
      !read_text(header, "kid", into.key_id))
    return false;
  const auto known = parse_signing_algorithm(algorithm.value_or(""));
  if (!known || (into.key_id && into.key_id->size() > most_key_id_bytes)) return false;
  into.algorithm = *known;
  into.type = type.value_or("");
  return true;
}

} // namespace

std::optional<compact_token> read_compact(std::string_view token) {
  if (token.size() > most_token_bytes) return std::nullopt;
  const auto first = token.find('.');
  if (first == token.npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
  const auto header = decode_base64url(token.substr(0, first));
  auto payload = decode_base64url(token.substr(first + 1, second - first - 1));
  auto signature = decode_base64url(token.substr(second + 1));
  if (!header || header->size() > most_header_bytes || !payload || !signature || signature->empty())
    return std::nullopt;
  compact_token read;
  if (!read_header(*header, read)) return std::nullopt;
  read.signed_text = token.substr(0, second);
  read.payload = std::move(*payload);
  read.signature = std::move(*signature);
  return read;
}

} // namespace tessera::http
