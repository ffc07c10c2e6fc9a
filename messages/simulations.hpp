#pragma once

#include "messages/accounts.hpp"
#include "messages/freezes.hpp"
#include "messages/holds.hpp"
#include "messages/journal.hpp"
#include "messages/reversals.hpp"

#include <variant>
#include <vector>

/// What would happen (contract 4 `simulate`).
namespace tessera {

using simulated_command = std::variant<
    consume_credits,
    hold_credits,
    capture_hold,
    release_hold,
    allocate_credits,
    reverse_spend,
    change_freeze,
    receive_credits>;

/// Decides a command on the durable balance, and forgets it. Answered by a result<simulation> at once;
/// rejections are those of the command.
struct simulate_command {
  account_id account;
  simulated_command command;
  deadline until{};
};

/// The entries that the command would write: without hashes.
struct simulation {
  std::vector<account_event> events;
  credits available;   // to the application, of what belongs to one, when all of it is done
  credits would_allow; // the most that would pass in its place; 0 where the command has no amount
};

} // namespace tessera
