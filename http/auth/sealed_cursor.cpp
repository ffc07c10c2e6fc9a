#include "http/auth/sealed_cursor.hpp"

#include "actors/support/sha256.hpp"

namespace tessera::http {

namespace {

constexpr std::size_t stamp_bytes = 8;

} // namespace

sealed_cursor::sealed_cursor(const tenant_id& tenant, std::string_view route, const fingerprint& filters) {
  list_.add("tessera cursor").add(to_string(tenant)).add(route).add(filters.text());
}

std::string sealed_cursor::stamp_of(std::string_view position) const {
  constexpr char digits[] = "0123456789abcdef";
  auto text = list_;
  const auto hash = sha256::local()(text.add(position).text());
  std::string stamp;
  for (std::size_t i = 0; i < stamp_bytes; ++i) {
    stamp += digits[hash[i] >> 4];
    stamp += digits[hash[i] & 15];
  }
  return stamp;
}

std::string sealed_cursor::seal(std::string_view position) const {
  return stamp_of(position).append(".").append(position);
}

std::optional<std::string_view> sealed_cursor::open(std::string_view cursor) const {
  const auto point = cursor.find('.');
  if (point == cursor.npos) return std::nullopt;
  const auto position = cursor.substr(point + 1);
  return stamp_of(position) == cursor.substr(0, point) ? std::optional(position) : std::nullopt;
}

} // namespace tessera::http
