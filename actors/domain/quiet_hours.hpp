#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace tessera {

/// Whether such a message waits for the morning (shapes `Tenants and policies`): reminders and alerts do;
/// an invitation, which somebody has just sent, where the tenant's policy says so; everything else does not.
bool keeps_quiet(std::string_view kind, bool invitations_too);

/// `HH:MM` as minutes of the day; nothing when it is none.
std::optional<std::chrono::minutes> minutes_of(std::string_view clock_time);

/// How long it is quiet still, by the recipient's clock; zero: it is not. From the first to the second, which
/// may be on the next day; two that are the same are no quiet hours.
std::chrono::minutes quiet_for(std::chrono::minutes now, std::chrono::minutes from, std::chrono::minutes to);

} // namespace tessera
