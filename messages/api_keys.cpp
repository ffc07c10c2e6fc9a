#include "messages/api_keys.hpp"

namespace tessera {

namespace {

struct scope_name {
  scope one;
  std::string_view text;
};
constexpr scope_name scope_names[] = {
    {scope::credits_read, "credits:read"},
    {scope::credits_consume, "credits:consume"},
    {scope::credits_hold, "credits:hold"},
    {scope::credits_reverse, "credits:reverse"},
    {scope::credits_allocate, "credits:allocate"},
    {scope::credits_purchase, "credits:purchase"},
    {scope::invitations_read, "invitations:read"},
    {scope::invitations_write, "invitations:write"},
    {scope::directory_read, "directory:read"},
    {scope::directory_write, "directory:write"},
    {scope::audit_read, "audit:read"},
};

} // namespace

std::string_view to_string(scope one) {
  for (const auto& name : scope_names)
    if (name.one == one) return name.text;
  return "unknown";
}

std::optional<scope> parse_scope(std::string_view text) {
  for (const auto& name : scope_names)
    if (name.text == text) return name.one;
  return std::nullopt;
}

std::vector<scope> all_scopes() {
  std::vector<scope> all;
  for (const auto& name : scope_names)
    all.push_back(name.one);
  return all;
}

} // namespace tessera
