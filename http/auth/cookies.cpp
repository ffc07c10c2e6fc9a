#include "http/auth/cookies.hpp"

#include "http/routing/characters.hpp"

#include <algorithm>

namespace tessera::http {

namespace {

constexpr std::size_t longest_value = 4'096; // a browser keeps no longer one

/// RFC 6265 4.1.1 `cookie-octet`.
bool is_cookie_octet(char c) {
  return c > ' ' && c <= '~' && c != '"' && c != ',' && c != ';' && c != '\\';
}

bool is_as_set(std::string_view value) {
  return value.size() <= longest_value && std::all_of(value.begin(), value.end(), is_cookie_octet);
}

template <class Take> void for_each_pair(std::string_view list, Take take) {
  while (!list.empty()) {
    const auto end = std::min(list.find(';'), list.size());
    take(trimmed(list.substr(0, end)));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

} // namespace

shown_cookie find_cookie(const request& from, std::string_view name) {
  shown_cookie found;
  if (from.header("Authorization")) return found;
  const auto take = [&](std::string_view pair) {
    const auto equals = std::min(pair.find('='), pair.size());
    if (trimmed(pair.substr(0, equals)) != name) return;
    const auto value = trimmed(pair.substr(std::min(equals + 1, pair.size())));
    // Of two nobody knows which one we have set.
    found.value = !found.is_there && is_as_set(value) ? value : std::string_view();
    found.is_there = true;
  };
  for (const auto& [key, value] : from.headers)
    if (equal_ignoring_case(key, "Cookie")) for_each_pair(value, take);
  return found;
}

std::pair<std::string_view, std::string>
set_cookie(std::string_view name, std::string_view value, std::chrono::seconds life) {
  std::string text(name);
  text.append("=").append(value).append("; Max-Age=").append(std::to_string(life.count()));
  text.append("; Path=/; Secure; HttpOnly; SameSite=Strict");
  return {"Set-Cookie", std::move(text)};
}

std::pair<std::string_view, std::string> clear_cookie(std::string_view name) {
  return set_cookie(name, {}, std::chrono::seconds{0});
}

} // namespace tessera::http
