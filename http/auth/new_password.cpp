#include "http/auth/new_password.hpp"

#include "actors/domain/password_policy.hpp"
#include "actors/support/unicode_text.hpp"

namespace tessera::http {

namespace {

constexpr std::size_t most_bytes = 1'024; // more is not even looked at

} // namespace

new_password judge_password(std::string_view given, const std::vector<std::string>& known) {
  if (given.size() > most_bytes) return {{}, to_string(password_flaw::too_long)};
  auto text = normal_form(given);
  if (!text) return {{}, "invalid_format"};
  const auto flaw = flaw_of(*text, known);
  if (flaw != password_flaw::none) return {{}, to_string(flaw)};
  return {std::move(*text), {}};
}

} // namespace tessera::http
