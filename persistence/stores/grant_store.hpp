#pragma once

#include "messages/grants.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Giving credits. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// The ids that a grant needs, made by the caller. The inbox row that brings it is the grant.
struct grant_ids {
  inbox_id inbox;
  lot_id lot;
};
/// `grant-<uuid>`.
std::string grant_id_of(const inbox_id& row);
/// Nothing when it is the name of no grant.
std::optional<inbox_id> row_of_grant(std::string_view grant);

/// Records the inbox row that brings the credits, and the key. A repeated key gives the first grant.
result<grant_accepted> grant(pg::transaction& in, const grant_credits& command, const grant_ids& ids);

/// transaction_unknown when the tenant has no such grant.
result<grant_receipt> receipt_of_grant(pg::transaction& in, const grant_query& query);

} // namespace tessera::persistence
