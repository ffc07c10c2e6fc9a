#pragma once

#include "messages/entries.hpp"
#include "messages/send_limits.hpp"
#include "messages/types/digest.hpp"
#include "messages/types/time.hpp"
#include "persistence/pg/connection.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

/// What was sent lately: each invitation counts, and each time that it was sent again. Inside a transaction
/// of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

/// Within the window: how many, the newest, the one that must leave the window before there is room again,
/// and the oldest, where there are no more than the limit allows.
struct recent_sends {
  std::int64_t count = 0;
  std::optional<time_point> newest;
  std::optional<time_point> in_the_way;
  std::optional<time_point> oldest;
};
recent_sends
sends_by(pg::transaction& in, const tenant_id& tenant, const principal& inviter, const send_limit& limit);
recent_sends sends_of(pg::transaction& in, const tenant_id& tenant, const send_limit& limit);
/// To the person, by the tenant: those that were made, however often they were sent. Erasing somebody makes
/// no room: theirs are known by what `pepper` makes of them.
recent_sends invitations_sent_to(
    pg::transaction& in,
    const tenant_id& tenant,
    std::string_view person,
    const digest& pepper,
    const send_limit& limit
);
/// To the person, by all tenants; likewise. When others wrote to them is told to the hour, and of the newest
/// and oldest nothing.
recent_sends
sends_to(pg::transaction& in, std::string_view person, const digest& pepper, const send_limit& limit);

/// Those by one inviter one after another.
void lock_inviter(pg::transaction& in, const tenant_id& tenant, const principal& inviter);
/// All of a tenant one after another.
void lock_sends(pg::transaction& in, const tenant_id& tenant);

/// All to one person one after another, whichever tenant's they are.
void lock_recipient(pg::transaction& in, std::string_view person);

/// Whether it was made within that time.
bool is_younger(pg::transaction& in, const tenant_id& tenant, std::chrono::seconds age);

} // namespace tessera::persistence
