#pragma once

#include "messages/payments.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What providers told (decision 0047). In a transaction of no tenant, but where another is named; throws
/// pg::error when the database fails.
namespace tessera::persistence {

/// False: it is here already.
bool keep_event(pg::transaction& in, const provider_event& event);

struct waiting_event {
  provider_event event;
  int attempts = 0;
  std::chrono::seconds age{0};
};
/// Nothing: it does not wait any more.
std::optional<waiting_event> find_waiting_event(pg::transaction& in, const std::string& event_id);
/// Those whose time has come, the oldest first; nobody else gets the same before `again`.
std::vector<std::string>
claim_events(pg::transaction& in, std::int64_t most, std::chrono::milliseconds again);

/// Whose it is: from now on a transaction of that tenant sees it.
void give_event(
    pg::transaction& in, const std::string& event_id, const tenant_id& tenant, const std::string& purchase_id
);
/// It waits on, for what it belongs to.
void put_event_off(pg::transaction& in, const std::string& event_id, std::chrono::milliseconds time);
/// In a transaction of its tenant, too. `state`: applied, ignored, quarantined.
void finish_event(
    pg::transaction& in, const std::string& event_id, std::string_view state, std::string_view reason = {}
);

/// Up to when all of them were asked for, in seconds since 1970; nothing: they never were.
std::optional<std::int64_t> events_read_until(pg::transaction& in);
/// Never goes back.
void keep_events_read_until(pg::transaction& in, std::int64_t seconds);
/// Takes away those that are older than 30 days, of the ones that nobody has to look at. How many.
std::int64_t forget_old_events(pg::transaction& in, std::int64_t most);

} // namespace tessera::persistence
