#pragma once

#include "messages/types/ids.hpp"

namespace tessera {

/// Of work that no tenant asked for.
inline const tenant_id no_tenant{};

} // namespace tessera
