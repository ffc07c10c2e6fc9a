#include "http/auth/cursor.hpp"

#include "actors/support/sha256.hpp"
#include "http/auth/base64url.hpp"
#include "http/routing/rejections.hpp"

#include <openssl/crypto.h>

namespace tessera::http {

namespace {

constexpr std::size_t seal_bytes = 16; // of the MAC: nobody can try 2^128 over HTTP

std::string_view bytes_of(const digest& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

/// HMAC-SHA256 (RFC 2104).
std::string hmac_of_parts(const digest& key, std::string_view first, std::string_view second) {
  std::string inner(64, 0x36);
  std::string outer(64, 0x5c);
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ static_cast<char>(key[i]));
    outer[i] = static_cast<char>(outer[i] ^ static_cast<char>(key[i]));
  }
  auto& hash = sha256::local();
  const auto inside = hash(inner.append(first), second);
  return std::string(bytes_of(hash(outer, bytes_of(inside))));
}

std::string seal_of(const digest& key, const cursor_purpose& purpose, std::string_view position) {
  // The length keeps purpose and position apart.
  const auto described = fingerprint().add(purpose.text());
  return hmac_of_parts(key, described.text(), position).substr(0, seal_bytes);
}

} // namespace

std::string seal_cursor(const digest& key, const cursor_purpose& purpose, std::string_view position) {
  return encode_base64url(std::string(position) + seal_of(key, purpose, position));
}

problem invalid_cursor() {
  return simple_problem(400, "invalid_cursor", "The cursor is not one of ours for this question");
}

std::optional<std::string>
open_cursor(const digest& key, const cursor_purpose& purpose, std::string_view cursor) {
  auto bytes = decode_base64url(cursor);
  if (!bytes || bytes->size() < seal_bytes) return std::nullopt;
  const auto seal = bytes->substr(bytes->size() - seal_bytes);
  bytes->resize(bytes->size() - seal_bytes);
  const auto right = seal_of(key, purpose, *bytes);
  if (CRYPTO_memcmp(seal.data(), right.data(), seal_bytes) != 0) return std::nullopt;
  return bytes;
}

} // namespace tessera::http
