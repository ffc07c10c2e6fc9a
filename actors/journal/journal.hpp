#pragma once

#include "actors/support/reply_address.hpp"
#include "messages/alerts.hpp"
#include "messages/journal.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/message.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

/// How accounts make things durable.
namespace tessera {

/// What an account and its lane share. The lane writes the two atomics, the account reads them when it runs;
/// an account that retires refuses its last attempt itself.
struct account_channel {
  account_id account;
  caf::weak_actor_ptr owner; // set before the first push

  /// Everything of the account up to this ticket is durable.
  std::atomic<std::uint64_t> durable_ticket{0};
  /// Items of this attempt and earlier ones are dropped: their round was refused.
  std::atomic<std::uint32_t> refused_attempt{0};

  // The lane's own: see lane::remind.
  bool awaits_reminder = false;
  std::chrono::steady_clock::time_point published_at;
};

/// One thing for a lane to do, in the order of the account's tickets.
struct journal_item {
  std::shared_ptr<account_channel> channel;
  std::uint64_t ticket = 0;
  std::uint32_t attempt = 1;
  std::uint32_t size = 1; // rows or keys: what it takes of a round and of the journal's depth
  std::shared_ptr<const write_set> writes; // null: a barrier, answered when everything before it is durable
  std::vector<uuid> look_up;               // a question about keys; answered by keys_looked_up, has no ticket
  reply_address to;
  caf::message answer;     // sent to `to` once durable
  bool reads_near = false; // a question whose answer may bring the neighbours of a key that is found
  std::vector<balance_alert> alerts = {}; // told with what is written
};

/// The lanes as an account sees them. Safe from any thread.
class journal {
public:
  virtual ~journal() = default;

  /// True when so much is queued that work of so many rows must be refused: entries, and what they leave in
  /// the inboxes of others. Work that was let in is always taken.
  virtual bool is_full_for(std::size_t rows) const = 0;
  virtual void push(journal_item item) = 0;
};

} // namespace tessera
