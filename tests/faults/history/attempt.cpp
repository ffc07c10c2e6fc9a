#include "tests/faults/history/attempt.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace tessera::test {

namespace {

constexpr std::array<std::string_view, 4> actions{"consume", "purchase", "read", "reverse"};
constexpr std::array<std::string_view, 3> outcomes{"ok", "refused", "unknown"};
constexpr std::array<std::string_view, 10> codes{
    "",
    "insufficient_credits",
    "overloaded",
    "database_unavailable",
    "not_owner",
    "outcome_unknown",
    "connect",
    "lost",
    "timeout",
    "other",
};

/// Takes a decimal number off the front.
template <class Number> bool take_number(std::string_view& text, Number& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

} // namespace

std::string_view to_string(action value) {
  return actions[static_cast<std::size_t>(value)];
}
std::string_view to_string(outcome value) {
  return outcomes[static_cast<std::size_t>(value)];
}
std::string_view to_string(answer_code value) {
  return codes[static_cast<std::size_t>(value)];
}

answer_code parse_answer_code(std::string_view text) {
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (codes[i] == text) return static_cast<answer_code>(i);
  return answer_code::other;
}

std::string key_of(std::uint64_t op) {
  return "op-" + std::to_string(op);
}

std::string request_of(std::uint64_t op, std::uint32_t number) {
  return key_of(op) + "." + std::to_string(number);
}

std::optional<std::uint64_t> parse_key(std::string_view text) {
  std::uint64_t op = 0;
  if (take_prefix(text, "op-") && take_number(text, op) && text.empty()) return op;
  return std::nullopt;
}

std::optional<request_name> parse_request(std::string_view text) {
  request_name name;
  if (take_prefix(text, "op-") && take_number(text, name.op) && take_prefix(text, ".") &&
      take_number(text, name.number) && text.empty())
    return name;
  return std::nullopt;
}

void recorder::add(attempt done, const std::string& reference) {
  const std::scoped_lock lock(mutex_);
  if (!reference.empty()) {
    done.reference = static_cast<std::uint32_t>(history_.references.size());
    history_.references.push_back(reference);
  }
  history_.attempts.push_back(done);
}

history recorder::copy() const {
  const std::scoped_lock lock(mutex_);
  return history_;
}

std::size_t recorder::size() const {
  const std::scoped_lock lock(mutex_);
  return history_.attempts.size();
}

} // namespace tessera::test
