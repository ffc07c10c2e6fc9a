#pragma once

#include "http/json/writer.hpp"
#include "http/routing/response.hpp"
#include "messages/accounts.hpp"
#include "messages/balances.hpp"
#include "messages/types/entity.hpp"

#include <optional>

/// How balances and lots are written (contract 4).
namespace tessera::http {

/// The body of a balance, `X-Balance-Seq` included; without a rollup that member is null. With `descendants`
/// the figures are those of the rollup, own and below together: of them all, whichever application they are
/// for.
response balance_body(
    const entity_ref& entity,
    const balance_view& view,
    const std::optional<balance_rollup>& rollup,
    bool descendants
);

/// The body of the lots alone, likewise.
response lots_body(const entity_ref& entity, const balance_view& view);

void write_lot(json::writer& out, const lot& written);

} // namespace tessera::http
