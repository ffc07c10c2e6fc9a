#pragma once

#include "tests/faults/campaign/bank.hpp"
#include "tests/faults/history/attempt.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tessera::test {

/// What a client wants done; the attempts to have it done share its number as their key.
struct order {
  std::uint64_t op = 0;
  action what = action::consume;
  std::uint32_t account = 0;
  std::int64_t amount = 0;
  std::string spent = {}; // of a reversal: the transaction
};

/// One client with a connection to each node. Every answer goes into the recorder.
class caller {
public:
  caller(const bank& with, const std::vector<node*>& nodes, recorder& notes, std::uint16_t worker);

  void set_timeout(milliseconds timeout) { timeout_ = timeout; }

  /// Asks once. Nothing: the node could not be reached, so nothing was asked.
  std::optional<attempt> ask(const order& wish, std::uint32_t number, std::size_t node_index);

  /// The last answer, whatever it was.
  const http_exchange& last() const { return last_; }

private:
  struct line {
    std::uint16_t port = 0;
    std::optional<http_client> client;
  };
  http_client* connection(std::size_t node_index);
  http_exchange send(http_client& through, const order& wish, std::uint32_t number);
  void read_answer(attempt& a, std::string& reference) const;

  const bank& bank_;
  const std::vector<node*>& nodes_;
  recorder& notes_;
  std::uint16_t worker_;
  milliseconds timeout_{5'000};
  std::vector<line> lines_;
  http_exchange last_;
};

/// `txn-<account>-<seq>`: the seq, or not_told.
std::int64_t seq_in(const std::string& transaction);

} // namespace tessera::test
