#pragma once

#include "messages/invitations.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Whoever accepts an invitation: who they are in the tenant, and what they get. Inside a transaction of the
/// tenant that has its directory; throws pg::error when the database fails.
namespace tessera::persistence {

struct invitee {
  std::string id;
  std::string email_key;
  bool active = true;
  bool email_verified = false;
};
/// The user whose address is that of a person. Nothing: the tenant has none.
std::optional<invitee> find_invitee(pg::transaction& in, const tenant_id& tenant, std::string_view canonical);
std::optional<invitee>
find_invitee_by_id(pg::transaction& in, const tenant_id& tenant, const std::string& user);

/// Of a user who is there: time zone, language, phone, and that the address is theirs.
void write_profile(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& user,
    const std::string& timezone,
    const std::string& language,
    const std::string& phone, // kept where they have none
    bool verified
);

/// Adds what the invitation gives; nothing that they have gets less. A higher role ends their access tokens.
void add_access(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& user,
    const invitation_grant& grants,
    const std::string& invitation
);

bool has_accepted_terms(
    pg::transaction& in, const tenant_id& tenant, const std::string& user, std::string_view version
);
void note_terms(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& user,
    std::string_view version,
    const visitor& from,
    const std::string& invitation
);

/// What a preview names: the tenant, who invited, and what is given.
void read_names(pg::transaction& in, const tenant_id& tenant, invitation_preview& into);

/// Somebody who may do everything in the tenant, to whom an invitation can go; nothing: there is nobody.
std::optional<std::string> some_tenant_admin(pg::transaction& in, const tenant_id& tenant);

} // namespace tessera::persistence
