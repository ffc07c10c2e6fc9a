#pragma once

#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "messages/accounts.hpp"

/// Which lots are to move: the same fields of everything that moves credits (contract 4 `allocate`).
namespace tessera::http {

/// `lotPolicy`, `lotIds`, `minRemainingDays`.
lot_choice read_lot_choice(json::object& fields);

void add_lot_choice(fingerprint& print, const lot_choice& lots);

} // namespace tessera::http
