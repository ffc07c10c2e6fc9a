#pragma once

#include "messages/alert_settings.hpp"
#include "messages/alerts.hpp"
#include "messages/types/result.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <span>
#include <utility>
#include <vector>

/// Who is told of which balances. Throws pg::error when the database fails.
namespace tessera::persistence {

/// What is told in the round of the entries that cause it.
pg::statement alert_statement(std::span<const balance_alert> alerts);

/// Of those of the accounts that have some. As the writer.
std::vector<std::pair<account_id, std::vector<alert_threshold>>>
thresholds_of(pg::connection& session, std::span<const account_id> accounts, std::chrono::milliseconds limit);

/// Tells of credits that end, and answers how many lots it looked at. As the writer.
std::int64_t warn_of_expiry(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit);

// Inside a transaction of the tenant.
/// The defaults where nobody has chosen.
alert_settings find_alert_settings(pg::transaction& in, const alert_settings_query& query);
result<alert_settings> set_alert_settings(pg::transaction& in, const tessera::set_alert_settings& command);

} // namespace tessera::persistence
