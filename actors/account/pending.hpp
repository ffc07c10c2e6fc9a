#pragma once

#include "actors/support/reply_address.hpp"
#include "messages/accounts.hpp"
#include "messages/consume_batch.hpp"
#include "messages/freezes.hpp"
#include "messages/holds.hpp"
#include "messages/journal.hpp"
#include "messages/reversals.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

namespace tessera {

/// Answers `to` once everything before it is durable: what a nudge to absorb the inbox waits for.
struct inbox_barrier {
  std::uint32_t count = 0;
};

/// A command with a key as it arrived: the message is kept, not copied.
template <class Command> class kept_order {
public:
  explicit kept_order(caf::message content)
      : content_(std::move(content)), command_(&content_.get_as<Command>(0)) {}
  /// One of the commands that a message holds.
  kept_order(caf::message content, const Command& command)
      : content_(std::move(content)), command_(&command) {}
  const Command& command() const { return *command_; }

private:
  caf::message content_;
  const Command* command_; // in the content, which never changes
};
using consume_order = kept_order<consume_credits>;
using allocation_order = kept_order<allocate_credits>;
using hold_order = kept_order<hold_credits>;
using capture_order = kept_order<capture_hold>;
using release_order = kept_order<release_hold>;
using reversal_order = kept_order<reverse_spend>;
using freeze_order = kept_order<change_freeze>;

/// Spends that happen together, and what the ledger has said of their keys; nothing: they are new. Kept here,
/// for the window may be too small to remember all of them.
class atomic_order : public kept_order<consume_atomically> {
public:
  using kept_order<consume_atomically>::kept_order;
  std::unordered_map<uuid, std::optional<recorded_spend>> looked_up;
};

using account_order = std::variant<
    consume_order,
    atomic_order,
    allocation_order,
    hold_order,
    capture_order,
    release_order,
    reversal_order,
    freeze_order,
    receive_credits,
    instruction,
    expire_lots,
    inbox_barrier>;

inline bool is_over(deadline until) {
  return until != deadline{} && std::chrono::steady_clock::now() > until;
}

/// Where a command stands among those that came with it; batch 0: it came alone.
struct batch_place {
  std::uint32_t batch = 0;
  std::uint32_t index = 0;

  friend auto operator<=>(const batch_place&, const batch_place&) = default;
};

/// A command between its arrival and its answer. Kept whole, so that it can be decided again.
struct pending_command {
  account_order order;
  reply_address to;
  batch_place place{};
  bool key_is_new = false; // it was looked up and is not in the ledger

  // Set when it has been decided.
  std::uint64_t ticket = 0;
  std::shared_ptr<const write_set> writes; // null: nothing to write, the answer only waits

  /// What it may take of the journal's room: entries, and rows that it leaves in inboxes.
  std::size_t rows() const {
    if (const auto* batch = std::get_if<atomic_order>(&order)) return batch->command().items.size();
    if (const auto* allocation = std::get_if<allocation_order>(&order))
      return 2 * allocation->command().legs.size();
    return 1;
  }

  /// The key of a single command that may be repeated.
  const idempotency_key* key() const {
    return std::visit(
        []<class Order>(const Order& kept) -> const idempotency_key* {
          if constexpr (requires { kept.command().idempotency; }) {
            const auto& key = kept.command().idempotency;
            return key ? &*key : nullptr;
          }
          return nullptr;
        },
        order
    );
  }

  const inbox_id* row() const {
    if (const auto* receive = std::get_if<receive_credits>(&order)) return &receive->id;
    if (const auto* asked = std::get_if<instruction>(&order)) return &asked->id;
    return nullptr;
  }
};

} // namespace tessera
