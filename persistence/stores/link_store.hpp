#pragma once

#include "messages/invitation_links.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>
#include <vector>

/// Links that many may use. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

void insert_link(
    pg::transaction& in, const tenant_id& tenant, const invitation_link& link, const digest& token_sha256
);

/// With its uses and its state, as they are now.
std::optional<invitation_link> find_link(pg::transaction& in, const tenant_id& tenant, const std::string& id);
/// Newest first, after that one.
std::vector<invitation_link> links_of(
    pg::transaction& in, const tenant_id& tenant, const std::optional<std::string>& after, std::int64_t most
);

/// Whoever else wants to use or revoke it waits until the transaction ends. False: there is none.
bool lock_link(pg::transaction& in, const tenant_id& tenant, const std::string& id);
void revoke_link(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, std::string_view reason
);

/// Those that are pending by the link are not any more: their tokens, what is told and the activities say so.
/// How many.
std::int64_t cancel_invitations_by(
    pg::transaction& in, const tenant_id& tenant, const std::string& link, const invitation_origin& by
);

/// Enters the tenant of the token. Nothing: it is nobody's.
struct link_owner {
  tenant_id tenant;
  std::string id;
};
std::optional<link_owner> enter_by_link(pg::transaction& in, const digest& token_sha256);

/// By which link the invitation came about.
void write_link(
    pg::transaction& in, const tenant_id& tenant, const std::string& invitation, const std::string& link
);

} // namespace tessera::persistence
