#pragma once

#include "actors/support/reply_address.hpp"
#include "messages/accounts.hpp"
#include "messages/journal.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

namespace tessera {

/// Answers `to` once everything before it is durable: what a nudge to absorb the inbox waits for.
struct inbox_barrier {
  std::uint32_t count = 0;
};

/// A spend as it arrived: the message is kept, not copied.
class consume_order {
public:
  explicit consume_order(caf::message content) : content_(std::move(content)) {}
  const consume_credits& spend() const { return content_.get_as<consume_credits>(0); }

private:
  caf::message content_;
};

using account_order = std::variant<consume_order, receive_credits, expire_lots, inbox_barrier>;

/// A command between its arrival and its answer. Kept whole, so that it can be decided again.
struct pending_command {
  account_order order;
  reply_address to;
  bool key_is_new = false; // it was looked up and is not in the ledger

  // Set when it has been decided.
  std::uint64_t ticket = 0;
  std::shared_ptr<const write_set> writes; // null: nothing to write, the answer only waits

  const consume_credits* consume() const {
    const auto* kept = std::get_if<consume_order>(&order);
    return kept ? &kept->spend() : nullptr;
  }
  /// The key of a spend that may be repeated.
  const idempotency_key* key() const {
    const auto* spend = consume();
    return spend && spend->idempotency ? &*spend->idempotency : nullptr;
  }
};

} // namespace tessera
