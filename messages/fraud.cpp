#include "messages/fraud.hpp"

#include <array>

namespace tessera {

namespace {

constexpr std::array<std::string_view, 5> actions{"off", "log", "alert", "hold", "block"};
constexpr std::array<std::string_view, 6> rule_kinds{
    "purchases_per_hour",
    "purchases_per_hour_from_network",
    "amount_minor_per_day",
    "first_purchase_above",
    "declines_per_hour",
    "chargebacks"};

template <class Word, std::size_t Size>
std::optional<Word> find(const std::array<std::string_view, Size>& words, std::string_view word) {
  for (std::size_t i = 0; i < Size; ++i)
    if (words[i] == word) return static_cast<Word>(i);
  return std::nullopt;
}

} // namespace

std::string_view to_string(fraud_action action) {
  return actions.at(static_cast<std::size_t>(action));
}
std::optional<fraud_action> parse_fraud_action(std::string_view word) {
  return find<fraud_action>(actions, word);
}
std::string_view to_string(fraud_rule_kind kind) {
  return rule_kinds.at(static_cast<std::size_t>(kind));
}
std::optional<fraud_rule_kind> parse_fraud_rule(std::string_view word) {
  return find<fraud_rule_kind>(rule_kinds, word);
}

} // namespace tessera
