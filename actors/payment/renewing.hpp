#pragma once

#include "actors/payment/desk_core.hpp"

namespace tessera {

// INTERNAL: months of plans (decision 0066).

/// Looks for months that are to begin: what is free is given, what is paid for is charged off session.
void renew_plans(desk_core& core);

/// What news mean for the month that a purchase pays for.
void follow_plan(pg::transaction& in, const payment_record& purchase, const purchase_turn& turn);

} // namespace tessera
