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

/// Spends of one account, decided in their order, of which all happen or none. Answered by a
/// result<atomic_receipt>. Rejections, each with `item`: those of a spend, with what was available before the
/// first of them, and partially_replayed.
struct consume_atomically {
  account_id account;
  std::vector<consume_credits> items; // at least one; all of this account, for one application, no key twice
  deadline until{};
};

/// The receipts of all items, in their order.
struct atomic_receipt {
  std::vector<consume_receipt> items;
};

} // namespace tessera
