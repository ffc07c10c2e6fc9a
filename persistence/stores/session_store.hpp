#pragma once

#include "messages/sessions.hpp"
#include "persistence/pg/connection.hpp"

#include <string>

/// Who signs in, and their sessions. Inside a transaction, whose tenant these functions find out where it is
/// not given; throws pg::error when the database fails.
namespace tessera::persistence {

/// Reads as much for nobody as for somebody.
sign_in_candidate candidate(pg::transaction& in, const find_candidate& query);

/// Refused when the user is gone or has another password by now.
session_opened open_session(pg::transaction& in, const tessera::open_session& command, const uuid& session);
/// A token is good once: its second use ends the session.
session_opened renew_session(pg::transaction& in, const tessera::renew_session& command);
session_ended end_session(pg::transaction& in, const tessera::end_session& command);

user_profile profile_of(pg::transaction& in, const tenant_id& tenant, const std::string& user);

/// A user is one person at an issuer: whoever comes later with the same address is not linked.
identity_linked link_identity(pg::transaction& in, const tessera::link_identity& command);

} // namespace tessera::persistence
