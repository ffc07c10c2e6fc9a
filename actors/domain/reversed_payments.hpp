#pragma once

#include "messages/reversed_payments.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// How many credits must go for money that went back (R-C 3.7): pure, and a function of what is known, so
/// that whatever is repeated or comes in another order ends the same.
namespace tessera {

/// What a voluntary refund of so many units pays: cumulative, so that parts never lose or make a minor unit
/// and all of them together are exactly what was paid.
std::int64_t money_for(const reversal_facts& facts, credits units);
/// Units that nothing was paid back for yet.
credits refundable_units(const reversal_facts& facts);

/// Units that must have been clawed back by now, beyond those that voluntary refunds took.
credits clawback_target(const reversal_facts& facts);
/// Those that accounts were told to give, less what they got back.
credits clawed_units(const reversal_facts& facts);
/// Units that were held for a dispute and had ended when they were let go. What a clawback or a recall let go
/// itself was taken, and is not among them.
credits ended_while_held(const reversal_facts& facts, std::string_view dispute);
/// A refund of ours is between the provider and us: nobody knows what of the money is its.
bool is_in_between(const reversal_facts& facts);

/// The purchase's state, once its credits are there.
std::string status_of(const reversal_facts& facts);

/// What a refund or a dispute is after news of it: it moves forward only.
seen_refund after(const seen_refund& before, const payment_news& news);
seen_dispute after(const seen_dispute& before, const payment_news& news);
/// Nothing is held for it any more.
bool is_decided(dispute_phase phase);

} // namespace tessera
