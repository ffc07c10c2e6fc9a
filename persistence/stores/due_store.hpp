#pragma once

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

/// What is due, shard by shard, in the order of time (decision 0031). Throws pg::error when the database
/// fails.
namespace tessera::persistence {

/// A place in what is due in a shard; the default is before everything.
struct due_position {
  time_point at;
  account_id account;
};

/// Which shard to read, and after what.
struct due_question {
  std::int16_t shard = 0;
  due_position after;
};

struct due_account {
  std::int16_t shard = 0;
  due_position where;
};

enum class due_kind : std::uint8_t {
  lots,    // held by an account, over, and not closed
  inboxes, // rows that wait
  holds,   // the account's reminder says that some may be over
};

/// Accounts that have something of the kind which is due since `until` or longer: at most `page` rows of each
/// shard, one for each lot or inbox row, or for all holds of an account.
std::vector<due_account> what_is_due(
    pg::connection& session,
    due_kind kind,
    std::span<const due_question> shards,
    time_point until,
    int page,
    std::chrono::milliseconds limit
);

} // namespace tessera::persistence
