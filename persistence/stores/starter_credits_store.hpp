#pragma once

#include "messages/idempotency.hpp"
#include "messages/instructions.hpp"
#include "messages/invitations.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Starter credits of invitations (decision 0059). Inside a transaction of the tenant; throws pg::error when
/// the database fails. What ends an invitation settles them by itself: see
/// 0041_invitation_credits_and_limits.sql.
namespace tessera::persistence {

struct new_reservation {
  inbox_id id;
  std::string invitation; // the one that will have them
  starter_credits what;
  time_point ends_at; // the invitation's: their lots live so long
  time_point held_until;
  std::optional<idempotency_key> key;
};
/// Asks the source to set the credits aside until then or a little longer. The error is that of a constraint
/// where one of the entities was deleted.
void reserve(
    pg::transaction& in, const tenant_id& tenant, const new_reservation& wanted, const change_origin& by
);

struct reservation {
  inbox_id id;
  std::string invitation;
  account_id from;
  account_id to;
  credits amount;
  time_point ends_at; // the invitation's that they were asked for
  time_point held_until;
  std::string refused_code; // the source set nothing aside; empty: it did, or has not looked yet
  bool waits = false;
};
/// Nobody settles it before the transaction ends. Nothing: it is an invitation's already, or went back.
std::optional<reservation> hold_reservation(pg::transaction& in, const tenant_id& tenant, const inbox_id& id);
/// What was set aside for earlier attempts under the same key and is there still, the oldest first.
std::vector<reservation>
reservations_of(pg::transaction& in, const tenant_id& tenant, const idempotency_key& key);

/// The invitation has these from now on, if they were set aside for it; those that it had go back.
void attach(
    pg::transaction& in, const tenant_id& tenant, const std::string& invitation, const reservation& held
);
/// The first end of a lot of which those are that it has now; nothing: they live for ever.
std::optional<time_point>
lots_until(pg::transaction& in, const tenant_id& tenant, const std::string& invitation);
/// Those that a pending invitation has go back to where they came from.
void return_starter_credits(pg::transaction& in, const tenant_id& tenant, const std::string& invitation);

void read_starter_credits(
    pg::transaction& in, const tenant_id& tenant, std::vector<invitation_view>& invitations
);

/// Of all tenants, as the writer: what was set aside for calls that came to nothing goes back, at most so
/// many; how many.
std::int64_t
return_stray_starter_credits(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit);

} // namespace tessera::persistence
