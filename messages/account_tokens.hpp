#pragma once

#include "messages/types/digest.hpp"
#include "messages/types/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// What is mailed to somebody to prove that they have the address: of a new password, of the address itself
/// (contract 3, R-I 3.2 and 3.7; decision 0052).
namespace tessera {

enum class account_token_purpose : std::uint8_t { password_reset, verify_email };
inline std::string_view to_string(account_token_purpose purpose) {
  return purpose == account_token_purpose::password_reset ? "password_reset" : "verify_email";
}
/// What such tokens begin with.
inline std::string_view prefix_of(account_token_purpose purpose) {
  return purpose == account_token_purpose::password_reset ? "tsp_" : "tsv_";
}

/// A token that is good.
struct account_token {
  tenant_id tenant;
  std::string user;
  std::string email;
};

/// Somebody has forgotten their password. Whether the address is anybody's is found out later: the answer is
/// the same, and as fast.
struct forgot_password {
  std::string email_key;
  std::string tenant; // empty: not said
};
struct password_forgotten {};

/// What a token is good for by now.
enum class token_standing : std::uint8_t {
  good,
  unknown, // nobody was sent it
  expired, // too old, used, or its user has another address by now
};

struct account_token_query {
  digest sha256{};
  account_token_purpose purpose = account_token_purpose::password_reset;
};
struct account_token_found {
  token_standing standing = token_standing::unknown;
  account_token token; // of a good one
};

/// Sets the password of whoever the token was sent to, and ends all their sessions.
struct reset_password {
  digest sha256{};
  std::string password_hash;
};
struct password_was_reset {
  token_standing standing = token_standing::unknown;
};
struct verify_email {
  digest sha256{};
};
struct email_verified {
  token_standing standing = token_standing::unknown;
};

} // namespace tessera
