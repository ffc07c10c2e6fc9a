#pragma once

#include "actors/domain/credit_account.hpp"

#include <vector>

/// Moving credits to other accounts (R-C 3.5, decision 0012).
namespace tessera {

/// What an allocation writes: its entries, one per leg and in their order, and what the receivers are sent.
struct decided_allocation {
  decided events;
  std::vector<receive_credits> sent;
};

/// Takes every leg from live lots, in the order that the command chooses, or rejects: entity_frozen (but a
/// reclaim), insufficient_credits (with available and would_allow; without, where it is to take everything
/// and there is nothing), amount_out_of_range. The first leg's entry has the key.
result<decided_allocation>
decide(const credit_account& account, const allocate_credits& command, time_point now);

} // namespace tessera
