#pragma once

#include "http/json/writer.hpp"
#include "http/routing/response.hpp"
#include "messages/holds.hpp"
#include "messages/types/entity.hpp"

namespace tessera::http {

/// The members of a hold (shapes.md).
void write_hold(json::writer& out, const hold_view& hold, const entity_ref& entity);
/// The same with what only those need who read it: meter, metadata, who holds it and since when.
void write_hold_in_full(json::writer& out, const hold_view& hold, const entity_ref& entity);

/// The answer of a command about a hold.
response answer_about(const hold_view& hold, const entity_ref& entity, unsigned status);

} // namespace tessera::http
