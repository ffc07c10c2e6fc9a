#pragma once

#include "persistence/pg/connection.hpp"

namespace tessera::persistence {

/// From here on the transaction is the tenant's; the nil one has no rows.
inline void enter(pg::transaction& in, const tenant_id& tenant) {
  in.execute("SELECT set_config('app.tenant_id', $1, true)", pg::parameters().add(to_string(tenant.value)));
}

} // namespace tessera::persistence
