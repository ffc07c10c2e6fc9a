#pragma once

#include "http/auth/idempotency.hpp"
#include "http/json/writer.hpp"
#include "messages/entities.hpp"

#include <string_view>

/// Organisations, locations and applications in JSON.
namespace tessera::http {

/// How routes name what is special to a type of entity.
struct entity_kind {
  entity_type type;
  std::string_view path;    // "organizations", also the name of its list
  std::string_view id_name; // "organizationId"
  std::string_view up_name; // of the parent's id
};
inline constexpr entity_kind organizations_kind{
    entity_type::organization, "organizations", "organizationId", "parentId"};
inline constexpr entity_kind locations_kind{
    entity_type::location, "locations", "locationId", "organizationId"};

/// `organizationId, name, parentId, createdAt`: into the open object. The tenant itself is no parent: null.
void write_entity(json::writer& out, const entity_view& entity);
void write_application(json::writer& out, const application_view& application);

/// The whole answer, with its ETag.
kept_answer word_entity(const entity_view& entity);
kept_answer word_application(const application_view& application);

} // namespace tessera::http
