#pragma once

#include "http/json/reader.hpp"
#include "http/routing/problem.hpp"
#include "http/routing/query.hpp"
#include "messages/types/credits.hpp"
#include "messages/types/entity.hpp"

#include <optional>
#include <string_view>

namespace tessera::http {

/// Credits in a request (R-C 3.11).
inline constexpr json::integer_rules amount_rules{
    .least = 1, .most = credits::limit, .code = "amount_out_of_range"};
inline constexpr json::string_rules id_rules{.most = 64, .accepts = is_valid_id, .code = "invalid_id"};

/// The pair `entityType`, `entityId`; what is wrong is remembered by the reader, and the id is empty then.
entity_ref read_entity(json::object& fields);
/// The same from fields of other names.
entity_ref read_entity(json::object& fields, std::string_view type_field, std::string_view id_field);

/// An entity that a list is filtered by: both parameters or none.
void read_entity_filter(
    query_reader& query, std::optional<std::string_view>& type, std::optional<std::string_view>& id
);

/// The same from text: a path or a query. A 422 problem when the type is not known; nothing when both are
/// fine.
std::optional<problem> read_entity(std::string_view type, std::string_view id, entity_ref& into);

} // namespace tessera::http
