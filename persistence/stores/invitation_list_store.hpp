#pragma once

#include "messages/invitations.hpp"
#include "persistence/pg/connection.hpp"

/// Lists of invitations and of what happened to them. Inside a transaction of the tenant; throws pg::error
/// when the database fails. Status is effective: what is over counts as expired, whoever has noticed.
namespace tessera::persistence {

invitation_page invitations_of(pg::transaction& in, const list_invitations& query);
/// Pending ones of a user whose address is verified, newest first; at most 100.
invitation_page invitations_to(pg::transaction& in, const list_own_invitations& query);
activity_page activities_of(pg::transaction& in, const list_activities& query);

} // namespace tessera::persistence
