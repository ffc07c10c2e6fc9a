#pragma once

#include "messages/invitation_errands.hpp"
#include "persistence/pg/connection.hpp"

#include <string>
#include <vector>

/// Who gave somebody what, in layers: what one invitation gave can be taken back, and what others gave stays
/// (decision 0060). Inside a transaction of the tenant that has its directory; throws pg::error when the
/// database fails.
namespace tessera::persistence {

/// Notes what the user has already, then what the invitation gives. Before `add_access`. `is_new`: the user
/// was made by accepting, and had nothing.
void note_layers(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& user,
    const invitation_grant& grants,
    const std::string& invitation,
    bool is_new
);

struct access_taken {
  user_role role = user_role::user; // from now on
  std::vector<access_change> changes;
};
/// Takes back what the invitation gave, as far as no other layer gives it and no administrator has decided
/// since. A lower role ends the access tokens. An empty list: there was nothing.
access_taken take_access(
    pg::transaction& in, const tenant_id& tenant, const std::string& user, const std::string& invitation
);

void write_access_revoked(pg::transaction& in, const tenant_id& tenant, const std::string& invitation);

} // namespace tessera::persistence
