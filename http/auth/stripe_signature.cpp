#include "http/auth/stripe_signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace tessera::http {

namespace {

constexpr std::int64_t tolerance = 300; // seconds
constexpr std::size_t mac_bytes = 32;
constexpr std::size_t most_signatures = 16;
using mac = std::array<unsigned char, mac_bytes>;

struct parts {
  std::string_view time;
  std::vector<mac> signatures;
};

std::optional<unsigned> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  return std::nullopt;
}

std::optional<mac> mac_of(std::string_view hex) {
  mac bytes{};
  if (hex.size() != 2 * mac_bytes) return std::nullopt;
  for (std::size_t i = 0; i < mac_bytes; ++i) {
    const auto high = digit_of(hex[2 * i]);
    const auto low = digit_of(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    bytes[i] = static_cast<unsigned char>(*high << 4 | *low);
  }
  return bytes;
}

parts parts_of(std::string_view header) {
  parts found;
  while (!header.empty()) {
    const auto end = std::min(header.find(','), header.size());
    const auto item = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    if (item.starts_with("t=")) found.time = item.substr(2);
    if (!item.starts_with("v1=") || found.signatures.size() >= most_signatures) continue;
    if (const auto bytes = mac_of(item.substr(3))) found.signatures.push_back(*bytes);
  }
  return found;
}

std::optional<std::int64_t> seconds_in(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole && seconds >= 0 ? std::optional(seconds) : std::nullopt;
}

mac signed_by(const std::string& secret, const std::string& text) {
  mac bytes{};
  unsigned size = 0;
  HMAC(
      EVP_sha256(),
      secret.data(),
      static_cast<int>(secret.size()),
      reinterpret_cast<const unsigned char*>(text.data()),
      text.size(),
      bytes.data(),
      &size
  );
  return bytes;
}

} // namespace

signature verify_stripe_signature(
    std::string_view body, std::string_view header, std::span<const std::string> secrets, std::int64_t now
) {
  const auto found = parts_of(header);
  const auto time = seconds_in(found.time);
  if (!time || found.signatures.empty()) return signature::malformed;
  std::string text(found.time);
  text.append(".").append(body);
  bool matches = false;
  for (const auto& secret : secrets) {
    if (secret.empty()) continue;
    const auto expected = signed_by(secret, text);
    for (const auto& given : found.signatures)
      matches |= CRYPTO_memcmp(expected.data(), given.data(), mac_bytes) == 0;
  }
  if (!matches) return signature::no_match;
  return *time > now + tolerance || *time < now - tolerance ? signature::too_old : signature::good;
}

} // namespace tessera::http
