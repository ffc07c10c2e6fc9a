#pragma once

#include "messages/notifications.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <string>

/// What a claimed notification may have to wait for. As the writer, across tenants; throws pg::error when the
/// database fails.
namespace tessera::persistence {

/// The quiet hours of the tenant's policy, by the clock of whom it is for: the user's time zone, else the
/// tenant's.
struct recipients_night {
  std::string from; // HH:MM
  std::string to;
  bool invitations_too = false;
  std::chrono::minutes now{};      // of the day
  std::chrono::minutes good_for{}; // what it is about; very long where it does not end
};
recipients_night
night_of(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit);

/// Gives the claim back, to be taken up after `wait`. That is no attempt.
void put_off(
    pg::connection& session,
    const claimed_notification& one,
    std::chrono::minutes wait,
    std::chrono::milliseconds limit
);

/// The provider that may have it already: its last attempt ended ambiguously. Empty: none.
std::string provider_that_may_have_it(
    pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit
);

} // namespace tessera::persistence
