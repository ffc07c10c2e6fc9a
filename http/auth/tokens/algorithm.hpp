#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera::http {

/// How a token may be signed. There is no other: `none` and the HMACs have no name here (RFC 8725 3.1).
enum class signing_algorithm : std::uint8_t { eddsa, es256, rs256 };

constexpr std::string_view to_string(signing_algorithm algorithm) {
  switch (algorithm) {
  case signing_algorithm::eddsa: return "EdDSA";
  case signing_algorithm::es256: return "ES256";
  case signing_algorithm::rs256: return "RS256";
  }
  return {};
}

constexpr std::optional<signing_algorithm> parse_signing_algorithm(std::string_view name) {
  for (const auto one : {signing_algorithm::eddsa, signing_algorithm::es256, signing_algorithm::rs256})
    if (to_string(one) == name) return one;
  return std::nullopt;
}

} // namespace tessera::http
