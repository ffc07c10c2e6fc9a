#pragma once

#include "tests/faults/campaign/order_book.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <thread>
#include <vector>

namespace tessera::test {

struct workload_options {
  std::size_t workers = 16;
  std::size_t hot = 8;  // of the bank's entities; the others are touched now and then
  std::size_t poor = 3; // of the hot ones: nearly empty, so that refusals happen
  int purchases_percent = 2;
  int reads_percent = 15;
  int replays_percent = 8;
  int reversals_percent = 6;
  milliseconds request_timeout{5'000};
};

/// Clients that spend, take spends back, buy, read, repeat old keys and repeat what is running, against any
/// of the nodes, until told to settle: then they retry with the same key whatever they do not know the
/// outcome of.
class workload {
public:
  workload(
      const bank& with,
      std::vector<node*> nodes,
      recorder& notes,
      std::uint64_t seed,
      workload_options options = {}
  );
  ~workload();

  /// Buys the first credits of every account. Throws std::runtime_error when it can't.
  void fill();

  /// Lets the clients work. The accounts of `resting` are left alone, so that they leave memory.
  void resume(std::vector<std::uint32_t> resting = {});
  /// Waits until every client knows all outcomes. False: the time was over.
  bool settle(milliseconds timeout);

  /// Somebody comes and spends one credit, on a connection of their own, until they are told yes or no. How
  /// long that took in microseconds; -1: the time was over.
  std::int64_t serve_a_stranger(milliseconds timeout);

  /// Acknowledged spends per node.
  std::uint64_t acknowledged(std::size_t node_index) const { return acknowledged_[node_index].load(); }
  /// The longest time from `since_us` to the first answer that was not a failure, in the current phase.
  std::int64_t last_success_us() const { return last_success_us_.load(); }
  std::int64_t first_success_after(std::int64_t since_us, milliseconds timeout) const;

private:
  enum class phase { working, settling, ended };
  class worker;

  void run(std::uint16_t index);
  phase wait_for_work(bool idle);
  phase current() const;
  void note(const attempt& done);
  /// A hot account that is not resting, or sometimes any other.
  std::uint32_t choose_account(random_source& random);
  bool is_poor(std::uint32_t account) const { return account < options_.poor; }

  const bank& bank_;
  std::vector<node*> nodes_;
  recorder& notes_;
  workload_options options_;
  std::uint64_t seed_;
  order_book orders_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  phase phase_ = phase::settling;
  std::size_t idle_ = 0;
  std::vector<std::uint32_t> resting_;
  std::array<std::atomic<std::uint64_t>, 4> acknowledged_{};
  std::atomic<std::int64_t> last_success_us_{0};
  std::vector<std::jthread> threads_;
};

} // namespace tessera::test
