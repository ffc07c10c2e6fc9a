#include "actors/support/email_address.hpp"

#include "actors/support/unicode_text.hpp"

#include <algorithm>

namespace tessera {

namespace {

constexpr std::size_t most_local_bytes = 64;
constexpr std::size_t most_bytes = 254;

/// RFC 5322 `atext`.
bool is_atom_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != text.npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atom_character(c); });
}

bool is_number(std::string_view label) {
  return std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Two labels at least, and the last one no number: an address of a host is no domain.
bool is_mail_domain(std::string_view ascii) {
  const auto dot = ascii.rfind('.');
  return dot != ascii.npos && dot > 0 && dot + 1 < ascii.size() && !is_number(ascii.substr(dot + 1));
}

} // namespace

std::optional<std::string> email_key(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == address.npos || at > most_local_bytes || address.size() > 4 * most_bytes) return std::nullopt;
  const auto local = address.substr(0, at);
  if (!is_dot_atom(local)) return std::nullopt;
  const auto domain = ascii_domain(address.substr(at + 1));
  if (!domain || !is_mail_domain(*domain) || local.size() + 1 + domain->size() > most_bytes)
    return std::nullopt;
  return std::string(local) + "@" + *domain;
}

std::string masked_email(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == address.npos || at == 0) return "***";
  return std::string(address.substr(0, 1)) + "***" + std::string(address.substr(at));
}

} // namespace tessera
