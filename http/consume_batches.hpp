#pragma once

#include "messages/consume_batch.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace tessera::http {

/// Called once with what became of each spend, in their order.
using batch_callback = std::function<void(std::vector<result<consume_receipt>>)>;

/// One batch on its way to the accounts: grouped by account, and each account's spends in slices, one after
/// the other, so that their order holds, nobody else waits for 10,000 decisions, and one batch cannot fill
/// the journal. What was not sent when the time is up did not happen: `overloaded`. On one loop only.
class consume_batches : public std::enable_shared_from_this<consume_batches> {
public:
  /// Asks one account, and calls back with its answer or why there is none.
  using send = std::function<void(consume_batch, std::function<void(result<consumed_batch>)>)>;

  consume_batches(send to_account, std::chrono::steady_clock::time_point until, batch_callback done);
  void start(std::vector<consume_credits> spends);

private:
  struct group {
    account_id account;
    std::vector<std::size_t> items; // positions in the batch
    std::size_t sent = 0;
  };
  void send_slice(std::size_t of_group);
  void take(const group& from, std::size_t first, result<consumed_batch> answer);
  void finish_items(std::size_t count);

  send to_account_;
  std::chrono::steady_clock::time_point until_;
  batch_callback done_;
  std::vector<consume_credits> spends_;
  std::vector<group> groups_;
  std::vector<result<consume_receipt>> results_;
  std::size_t unfinished_ = 0;
};

} // namespace tessera::http
