#include "http/routes/credits/entity_fields.hpp"

#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

constexpr std::string_view known_types = "One of tenant, organization, location.";

} // namespace

entity_ref read_entity(json::object& fields) {
  return read_entity(fields, "entityType", "entityId");
}

entity_ref read_entity(json::object& fields, std::string_view type_field, std::string_view id_field) {
  const auto type = fields.string(type_field, {.most = 64});
  const auto id = fields.string(id_field, id_rules);
  const auto known = parse_entity_type(type);
  if (!known && !type.empty()) fields.reject(type_field, "unknown_entity_type", std::string(known_types));
  if (!known || !is_valid_id(id)) return {};
  return {*known, std::string(id)};
}

void read_entity_filter(
    query_reader& query, std::optional<std::string_view>& type, std::optional<std::string_view>& id
) {
  type = query.text("entityType", 64);
  id = query.text("entityId", 64);
  if (type.has_value() != id.has_value())
    query.reject(type ? "entityId" : "entityType", "required", "An entity has a type and an id.");
}

std::optional<problem> read_entity(std::string_view type, std::string_view id, entity_ref& into) {
  const auto known = parse_entity_type(type);
  if (!known)
    return simple_problem(
        422, "unknown_entity_type", "There is no such kind of entity", std::string(known_types)
    );
  into = {*known, std::string(id)};
  return std::nullopt;
}

} // namespace tessera::http
