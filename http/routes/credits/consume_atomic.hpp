#pragma once

#include "http/routes/credits/consume_batch.hpp"

namespace tessera::http {

/// A batch of which all happens or nothing: 200 with the receipts in their order, or one problem, with `item`
/// where one item stood in the way. Keys as in consume_many; here none may stand for two items.
void consume_atomic(
    service& with,
    request& request,
    const responder& respond,
    caller who,
    std::string_view header_key,
    batch_request asked
);

} // namespace tessera::http
