#include "messages/access.hpp"

#include <array>
#include <utility>

namespace tessera {

namespace {

constexpr std::array<std::pair<user_role, std::string_view>, 4> user_roles{{
    {user_role::user, "user"},
    {user_role::location_manager, "location_manager"},
    {user_role::organization_admin, "organization_admin"},
    {user_role::tenant_admin, "tenant_admin"},
}};
constexpr std::array<std::pair<entity_role, std::string_view>, 2> entity_roles{{
    {entity_role::viewer, "viewer"},
    {entity_role::editor, "editor"},
}};

template <class Names, class Value> std::string_view name_in(const Names& names, Value value) {
  for (const auto& [one, name] : names)
    if (one == value) return name;
  return {};
}

template <class Value, std::size_t Count> std::optional<Value>
named_in(const std::array<std::pair<Value, std::string_view>, Count>& names, std::string_view text) {
  for (const auto& [one, name] : names)
    if (name == text) return one;
  return std::nullopt;
}

} // namespace

std::string_view to_string(user_role role) {
  return name_in(user_roles, role);
}
std::optional<user_role> parse_user_role(std::string_view text) {
  return named_in(user_roles, text);
}
std::string_view to_string(entity_role role) {
  return name_in(entity_roles, role);
}
std::optional<entity_role> parse_entity_role(std::string_view text) {
  return named_in(entity_roles, text);
}

} // namespace tessera
