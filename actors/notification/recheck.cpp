#include "actors/notification/recheck.hpp"

#include "actors/domain/alerts.hpp"
#include "persistence/stores/current_facts_store.hpp"

#include <charconv>
#include <string>

namespace tessera {

namespace {

std::string text_of(const claimed_notification& one, const char* name) {
  const auto found = one.variables.find(name);
  return found == one.variables.end() ? std::string() : found->second;
}

credits credits_of(const std::string& text) {
  std::int64_t units = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), units);
  return error == std::errc{} && units >= 0 && units <= credits::limit ? credits{units} : credits{};
}

} // namespace

std::optional<claimed_notification>
as_it_is_now(pg::connection& session, const claimed_notification& one, std::chrono::milliseconds limit) {
  auto said = one;
  if (one.kind == "credits.expiring") {
    const auto free = persistence::free_now(session, one, limit);
    if (free.is_zero()) return std::nullopt; // spent since it was looked at last
    said.variables["credits"] = std::to_string(free.value());
  } else if (one.kind == "credits.low" || one.kind == "credits.depleted") {
    const auto now = persistence::available_since(session, one, limit);
    if (!now) return said;
    const auto left = told_late(
        parse_alert_threshold(text_of(one, "threshold")), credits_of(text_of(one, "availableCredits")), *now
    );
    if (!left) return std::nullopt;
    said.variables["availableCredits"] = std::to_string(left->value());
  }
  return said;
}

} // namespace tessera
