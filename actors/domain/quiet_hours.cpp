#include "actors/domain/quiet_hours.hpp"

#include <algorithm>
#include <array>

namespace tessera {

namespace {

constexpr std::chrono::minutes whole_day{24 * 60};

constexpr std::array<std::string_view, 4> held{
    "invitation.reminded", "credits.low", "credits.depleted", "credits.expiring"};

} // namespace

bool keeps_quiet(std::string_view kind, bool invitations_too) {
  if (std::ranges::find(held, kind) != held.end()) return true;
  return invitations_too && (kind == "invitation.created" || kind == "invitation.resent");
}

std::optional<std::chrono::minutes> minutes_of(std::string_view clock_time) {
  if (clock_time.size() != 5 || clock_time[2] != ':') return std::nullopt;
  const auto digit = [&](std::size_t at) { return clock_time[at] - '0'; };
  for (const std::size_t at : {0U, 1U, 3U, 4U})
    if (digit(at) < 0 || digit(at) > 9) return std::nullopt;
  const int hours = digit(0) * 10 + digit(1);
  const int minutes = digit(3) * 10 + digit(4);
  if (hours > 23 || minutes > 59) return std::nullopt;
  return std::chrono::minutes(hours * 60 + minutes);
}

std::chrono::minutes quiet_for(std::chrono::minutes now, std::chrono::minutes from, std::chrono::minutes to) {
  const auto since = (now - from + whole_day) % whole_day;
  const auto length = (to - from + whole_day) % whole_day;
  return since < length ? length - since : std::chrono::minutes(0);
}

} // namespace tessera
