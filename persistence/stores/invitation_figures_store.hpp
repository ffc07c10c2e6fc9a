#pragma once

#include "messages/invitations.hpp"
#include "persistence/pg/connection.hpp"

/// Analytics of invitations. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

invitation_figures figures_of(pg::transaction& in, const invitation_figures_query& query);

} // namespace tessera::persistence
