#pragma once

#include "messages/instructions.hpp"
#include "persistence/pg/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Rows of inboxes as somebody else than an account writes and reads them (decision 0040). Inside a
/// transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// Leaves credits that no account sends, in one lot: effective when they are booked, unless it says when.
/// Whoever does holds the entity (entity_store). `reason` is for people.
void leave(
    pg::transaction& in, const tenant_id& tenant, const receive_credits& row, std::string_view reason = {}
);

/// Leaves an instruction, and holds the entity and the one that it moves credits to until the transaction
/// ends: a row that can't be carried out would be met at each reading of the inbox. The error is that of the
/// constraint where one of them was deleted or is no entity of the tenant, and where the row does not say
/// what its kind needs.
void leave(pg::transaction& in, const tenant_id& tenant, const instruction& row);

/// What became of a row. It waits while it has neither an entry nor a refusal.
struct inbox_outcome {
  std::optional<entry_place> carried_out; // the last entry of the account then
  credits fulfilled;                      // so many credits that it asked for
  std::string refused_code;

  bool waits() const { return !carried_out && refused_code.empty(); }
};
/// Nothing: the tenant has no such row.
std::optional<inbox_outcome> outcome_of(pg::transaction& in, const tenant_id& tenant, const inbox_id& row);

} // namespace tessera::persistence
