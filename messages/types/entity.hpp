#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tessera {

/// What can have a balance. The numbers are stored.
enum class entity_type : std::uint8_t { tenant = 1, organization = 2, location = 3 };

std::string_view to_string(entity_type type);
std::optional<entity_type> parse_entity_type(std::string_view text);

/// How callers name an entity: `organization/org-123`, unique in a tenant.
struct entity_ref {
  entity_type type = entity_type::tenant;
  std::string id;

  friend auto operator<=>(const entity_ref&, const entity_ref&) = default;
};

/// True for `[A-Za-z0-9][A-Za-z0-9_-]{0,63}` (contract 2 `ids`).
bool is_valid_id(std::string_view text);

} // namespace tessera

template <> struct std::hash<tessera::entity_ref> {
  std::size_t operator()(const tessera::entity_ref& ref) const noexcept {
    return std::hash<std::string_view>{}(ref.id) * 31 + static_cast<std::size_t>(ref.type);
  }
};
