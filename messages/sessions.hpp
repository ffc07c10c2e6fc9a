#pragma once

#include "messages/access.hpp"
#include "messages/types/digest.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Signing in: who somebody is, and the session in which they stay (contract 3; decision 0026).
namespace tessera {

/// A user as they see themselves.
struct user_profile {
  struct assignment {
    entity_ref entity;
    entity_role role = entity_role::viewer;
  };
  tenant_id tenant;
  std::string tenant_name; // as callers know it
  std::string user;
  std::string email;
  std::string first_name;
  std::string last_name;
  user_role role = user_role::user;
  std::vector<assignment> assignments;
  std::vector<std::string> applications;
  std::string timezone; // empty: the tenant's
  std::string language; // empty: none
  bool email_verified = false;
};

/// Whose password it would have to be. Makes a sign_in_candidate, of nobody too.
struct find_candidate {
  std::string email_key;
  std::string tenant; // as callers know it; empty: the address must belong to one tenant alone
};
struct sign_in_candidate {
  tenant_id tenant;
  std::string user; // empty: nobody, or nobody who may sign in
  std::string password_hash;
};

/// A refresh token, as it is kept.
struct refresh_token {
  digest sha256{};
  std::chrono::seconds life{0};
};

/// The password was right: a session begins. Makes a session_opened.
struct open_session {
  tenant_id tenant;
  std::string user;
  refresh_token token;
  std::string old_hash; // of the password that was right; nobody signs in with one that was changed meanwhile
  std::string new_hash; // not empty: kept in its place
};
/// Makes a session_opened.
struct renew_session {
  digest token_sha256{};
  refresh_token next;
};
struct session_opened {
  enum class outcome : std::uint8_t {
    open,
    refused, // no such token, or it is over, or its user may not sign in
    reused,  // the token was used before: whoever holds it, the session is over
  };
  outcome what = outcome::refused;
  uuid session;
  user_profile user;
};

/// By the session that an access token names, or a refresh token. Makes a session_ended.
struct end_session {
  std::optional<tenant_id> tenant;
  uuid session;
  std::optional<digest> token_sha256;
};
struct session_ended {
  bool ended = false; // false: it was over, or there is none
};

/// Makes a user_profile. Nobody: an empty one.
struct profile_query {
  tenant_id tenant;
  std::string user;
};

/// Somebody at an external issuer signs in for the first time: they are the user who has the address that the
/// issuer has verified. Makes an identity_linked.
struct link_identity {
  tenant_id tenant;
  std::string issuer;
  std::string subject;
  std::string email_key;
};
struct identity_linked {
  std::string user; // empty: nobody has the address
};

} // namespace tessera
