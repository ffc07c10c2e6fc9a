#pragma once

#include "messages/idempotency.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Keys of calls whose effect is an inbox row: kept as long as it. Inside a transaction of the tenant, which
/// commits key and effect together; throws pg::error when the database fails.
namespace tessera::persistence {

/// What a key stands for already.
struct first_call {
  std::string resource; // what the call made; empty when it was refused
  std::string refused;  // why
};

/// Takes the key for this call. Nothing: it is new, or there is none. A duplicate that runs at the same time
/// waits for the first to commit. Rejections: idempotency_key_reused.
result<std::optional<first_call>>
begin_call(pg::transaction& in, const tenant_id& tenant, const std::optional<idempotency_key>& key);

/// Says what the call that took the key made, or why it made nothing.
void finish_call(
    pg::transaction& in,
    const std::optional<idempotency_key>& key,
    std::string_view resource,
    std::string_view refused = {}
);

} // namespace tessera::persistence
