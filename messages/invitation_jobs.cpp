#include "messages/invitation_jobs.hpp"

namespace tessera {

std::string_view to_string(job_state state) {
  constexpr std::string_view names[] = {"", "running", "paused", "completed", "cancelled", "failed"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(job_row_state state) {
  constexpr std::string_view names[] = {"", "waiting", "invited", "refused", "valid", "skipped"};
  return names[static_cast<std::size_t>(state)];
}

std::optional<job_row_state> parse_job_row_state(std::string_view text) {
  for (int number = 1; number <= 5; ++number)
    if (const auto state = static_cast<job_row_state>(number); to_string(state) == text) return state;
  return std::nullopt;
}

} // namespace tessera
