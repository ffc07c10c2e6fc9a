#include "messages/alerts.hpp"

#include <charconv>

namespace tessera {

std::string to_string(const alert_threshold& threshold) {
  return threshold.percent > 0 ? std::to_string(threshold.percent) + "%"
                               : std::to_string(threshold.amount.value());
}

std::optional<alert_threshold> parse_alert_threshold(std::string_view text) {
  const bool is_part = text.ends_with('%');
  if (is_part) text.remove_suffix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
  if (number > (is_part ? 99 : credits::limit)) return std::nullopt;
  return is_part ? alert_threshold{{}, number} : alert_threshold{credits{number}, 0};
}

std::string_view event_of(const balance_alert& alert) {
  return alert.fell_to ? "credits.low" : "credits.depleted";
}

} // namespace tessera
