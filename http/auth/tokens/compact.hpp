#pragma once

#include "http/auth/tokens/algorithm.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tessera::http {

/// A JWS in compact form, taken apart and not yet believed.
struct compact_token {
  std::string_view signed_text; // header and payload as they were sent
  signing_algorithm algorithm = signing_algorithm::eddsa;
  std::optional<std::string> key_id; // kid
  std::string type;                  // typ
  std::string payload;               // JSON
  std::string signature;
};

/// Longer ones are no tokens.
constexpr std::size_t most_token_bytes = 8 * 1024;

/// Nothing when it has not three segments in base64url's one spelling, or its header names no algorithm of
/// ours, or asks for something that we would have to understand (`crit`). What else the header says (`jku`,
/// `jwk`, `x5u`) is not read: a token does not say where its key is.
std::optional<compact_token> read_compact(std::string_view token);

} // namespace tessera::http
