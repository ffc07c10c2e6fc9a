#pragma once

#include "actors/payment/desk_core.hpp"
#include "messages/auto_topups.hpp"

namespace tessera {

// INTERNAL: what is bought by itself (decision 0064).

/// See `set_auto_topup`.
result<auto_topup_view> set_terms(pg::transaction& in, const set_auto_topup& command);

/// Looks for balances that have fallen, and buys where the terms say so.
void top_up_balances(desk_core& core);

/// What news mean for an entity that buys by itself: one was paid, or was not, or is to be looked at.
void follow_auto_topup(pg::transaction& in, const payment_record& purchase, const purchase_turn& turn);
/// Whose money is disputed buys nothing by itself any more.
void end_auto_topup_if_disputed(
    pg::transaction& in, const payment_record& purchase, const payment_news& news
);

} // namespace tessera
