#pragma once

#include "messages/accounts.hpp"

#include <vector>

/// Many spends in one message.
namespace tessera {

/// Spends of one account, in the order in which they are decided; each stands for itself. Answered once, by a
/// result<consumed_batch>, when every item is durable or refused.
struct consume_batch {
  account_id account;
  std::vector<consume_credits> items; // all of this account
};

/// What became of each item, in their order.
struct consumed_batch {
  std::vector<result<consume_receipt>> results;
};

} // namespace tessera
