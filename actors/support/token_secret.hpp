#pragma once

#include "messages/types/digest.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera {

/// What tokens in links are derived from, so that none is at rest anywhere (R-I 0, 2 and 3.2): whoever sends
/// a link makes its token again, and a repeated message has the same bytes. What is kept of a token is its
/// SHA-256; a link that was sent stays good when the secret changes, but can't be derived any more. Safe from
/// any thread.
class token_secret {
public:
  static constexpr std::size_t least_length = 32;

  explicit token_secret(std::string text) : text_(std::move(text)) {}
  /// The text of the file, without the line end that editors add; the file is made, for its owner alone, when
  /// it is not there. Throws std::runtime_error when that is impossible or the text is too short.
  static token_secret in_file(const std::string& path);

  /// HMAC-SHA256 of (purpose, id, generation). `purpose` says what the token is for, and of which form it is:
  /// `invitation/email/v1`. No two different triples are the same bytes.
  digest derive(std::string_view purpose, std::string_view id, std::int64_t generation) const;

  /// The same as callers see it: prefix and 43 characters of base64url (RFC 4648 5, without padding).
  std::string token(
      std::string_view prefix, std::string_view purpose, std::string_view id, std::int64_t generation
  ) const;

private:
  std::string text_;
};

} // namespace tessera
