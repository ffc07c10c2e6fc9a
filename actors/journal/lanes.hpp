#pragma once

#include "actors/journal/lane.hpp"

#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace tessera {

struct journal_options {
  unsigned lanes = 1; // one is best on two cores
  std::size_t max_round = 1'000;
  std::size_t max_depth = 20'000; // rows that wait in all lanes; above it new work is refused
  std::function<void()> told;     // events of a round are durable; called on the lane's thread
};

/// The journal: lanes with a thread and a store each. An account always maps to the same lane; questions
/// about keys go to a lane of their own, so that they need not wait for a round.
class lanes final : public journal {
public:
  using store_factory = std::function<std::unique_ptr<persistence::journal_store>()>;

  lanes(journal_options options, const store_factory& make_store);
  ~lanes() override;
  /// Handles what is queued and ends the threads; what is pushed afterwards stays undone.
  void finish();

  bool is_full_for(std::size_t rows) const override;
  void push(journal_item item) override;
  std::size_t depth() const;
  /// Half of what may wait is left: for work that can come later.
  bool has_room() const { return depth() < options_.max_depth / 2; }
  const lane_statistics& statistics() const { return statistics_; }

private:
  struct worker {
    std::unique_ptr<persistence::journal_store> store;
    std::unique_ptr<lane> queue;
    std::thread thread;
  };
  journal_options options_;
  lane_statistics statistics_;
  std::vector<worker> workers_;
};

} // namespace tessera
