#pragma once

#include "messages/types/ids.hpp"
#include "messages/types/time.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

/// What is due, shard by shard, in the order of time. Throws pg::error when the database fails.
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

/// Accounts that hold lots which are over at `now` and not closed: at most `page` rows of each shard.
std::vector<due_account> due_lots(
    pg::connection& session,
    std::span<const due_question> shards,
    time_point now,
    int page,
    std::chrono::milliseconds limit
);

/// Accounts with inbox rows that wait since `before` or longer, likewise.
std::vector<due_account> due_inboxes(
    pg::connection& session,
    std::span<const due_question> shards,
    time_point before,
    int page,
    std::chrono::milliseconds limit
);

} // namespace tessera::persistence
