#pragma once

#include "messages/invitations.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Invitations, their tokens and their activities. Inside a transaction of the tenant; throws pg::error when
/// the database fails. What may follow what is decided elsewhere: these write what they are told, of a row
/// that `lock_invitation` holds.
namespace tessera::persistence {

/// The pending status of somebody who was invited twice: the constraint of who is invited to one entity.
inline constexpr std::string_view invited_already = "invitation_assignments_open";

/// Those who invite one person to one tenant do it one after another.
void lock_person(pg::transaction& in, const tenant_id& tenant, std::string_view canonical);

void insert_invitation(
    pg::transaction& in,
    const create_invitation& asked,
    std::string_view canonical,
    std::string_view person,
    const std::string& id,
    time_point expires_at
);
/// Assignments and applications, in place of those that are there. Throws with the constraint
/// `invited_already`.
void write_grants(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view canonical,
    const invitation_grant& grants
);

/// Whoever else wants to change it waits until the transaction ends. False: there is none.
bool lock_invitation(pg::transaction& in, const tenant_id& tenant, const std::string& id);
std::optional<invitation_view>
find_invitation(pg::transaction& in, const tenant_id& tenant, const std::string& id);
/// The address that is compared.
std::string address_of(pg::transaction& in, const tenant_id& tenant, const std::string& id);

/// Ids of what is pending for that person, those first that share an entity with `accounts`; with none, those
/// that have none either.
std::vector<std::string> pending_for(
    pg::transaction& in,
    const tenant_id& tenant,
    std::string_view canonical,
    const std::vector<account_id>& accounts
);
/// How many of the person's are pending besides that one.
std::int64_t count_pending(
    pg::transaction& in, const tenant_id& tenant, std::string_view canonical, const std::string& besides
);
/// Pending ones of the whole tenant: they hold seats.
std::int64_t count_all_pending(pg::transaction& in, const tenant_id& tenant);

void write_names(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const std::optional<std::string>& first,
    const std::optional<std::string>& last
);
void write_role(pg::transaction& in, const tenant_id& tenant, const std::string& id, user_role role);
void write_end(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    time_point expires_at,
    std::optional<std::int64_t> expiry_hours
);
/// What changed counts as one change. `grants`: of what it gives.
void raise_version(pg::transaction& in, const tenant_id& tenant, const std::string& id, bool grants);
void write_status(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    invitation_status status,
    std::string_view reason = {}
);
/// Records that it is over, if it is and nobody has. True: it was this.
bool expire_if_over(pg::transaction& in, const tenant_id& tenant, const std::string& id);
/// Nobody is sent anything until somebody agrees; nobody does after `until`.
void await_approval(pg::transaction& in, const tenant_id& tenant, const std::string& id, time_point until);
/// Somebody agreed to what it gives now.
void write_approval(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view approver,
    time_point expires_at
);
/// Somebody agreed to what it gives now, which was pending already.
void note_approval(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, std::string_view approver
);
/// Somebody else answers for it from now on.
void write_inviter(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, const principal& inviter
);
void write_acceptance(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const std::string& user,
    std::string_view channel
);
/// A new generation, sent now; the tokens of all others are dead.
void renew(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::int64_t generation,
    time_point expires_at,
    std::int64_t expiry_hours
);
/// Queued, where something is sent; of SMS also `unavailable`, where none may go to that number.
void write_delivery(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, bool sends, std::string_view sms
);

/// By the database's clock, at this very moment.
time_point now_of(pg::transaction& in);

struct known_token {
  std::string invitation;
  invitation_channel channel = invitation_channel::direct_link;
  std::int64_t generation = 0;
  bool is_viewed = false;
};
/// Enters the tenant whose token it is. Nothing: it is nobody's.
struct token_owner {
  tenant_id tenant;
  known_token token;
};
std::optional<token_owner> enter_by_token(pg::transaction& in, const digest& sha256);
void enter_tenant(pg::transaction& in, const tenant_id& tenant);

void keep_token(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const digest& sha256,
    invitation_channel channel,
    std::int64_t generation
);
/// All but the one that was used.
void revoke_tokens(pg::transaction& in, const tenant_id& tenant, const std::string& id, const digest* used);
/// The first look; false: it was viewed before.
bool note_view(pg::transaction& in, const tenant_id& tenant, const digest& sha256, const visitor& from);

/// Only added. `metadata` is JSON.
void note_activity(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view type,
    const invitation_origin& by,
    std::string_view metadata = "{}"
);
/// Of each of them, in one statement.
void note_activity(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::vector<std::string>& ids,
    std::string_view kind,
    const invitation_origin& by,
    std::string_view metadata = "{}"
);
/// Whether it has one of that type, or had one within so many hours.
bool has_activity(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view type,
    std::optional<std::int64_t> within_hours = std::nullopt
);

/// Tells others: `invitation.created`, …, by those channels.
void tell(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::string_view kind,
    const std::vector<std::string>& channels,
    std::int64_t generation
);

} // namespace tessera::persistence
