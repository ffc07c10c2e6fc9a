#include "tests/unit/domain/history/settling_acts.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

/// Random histories against a slow account of the same facts.
namespace tessera::test {
namespace {

class history : public settling_acts {
public:
  void take(const step& next) {
    clock_ += microseconds{next.advance};
    act_on(next);
    check(next.application);
    snapshots_.push_back({snapshot_of(account_), ledger_.size()});
  }

  void check_replay() const {
    credit_account replayed;
    for (std::size_t i = 0; i < ledger_.size(); ++i) {
      RC_ASSERT(resumed({snapshot_of(replayed), i}) == account_);
      evolve(replayed, ledger_[i]);
    }
    RC_ASSERT(replayed == account_);
  }

private:
  struct kept {
    account_snapshot snapshot;
    std::size_t entries; // that it covers
  };

  void act_on(const step& next) {
    switch (next.what) {
    case act::receive: return receive_some(next);
    case act::consume: return consume_some(next);
    case act::consume_together: return consume_together(next);
    case act::expire: return book_all(decide(account_, expire_lots{}, clock_), sheet_.at(booking_of(1)));
    case act::hold: return hold_some(next);
    case act::capture: return capture_some(next);
    case act::release: return release_one(next);
    case act::allocate: return allocate_some(next);
    case act::bounce: return bounce_one(next);
    case act::read_spend: return read_a_spend(next);
    case act::reverse: return reverse_one(next);
    case act::set_aside: return set_some_aside(next);
    case act::let_go: return let_one_go(next);
    case act::pay_back: return pay_some_back(next);
    case act::move_on: return move_one_on(next);
    case act::claw_back: return claw_some_back(next);
    case act::recall: return recall_some(next);
    case act::freeze: return freeze_or_thaw(next);
    case act::crash: return crash(next);
    }
  }

  /// Nobody remembers anything: the account is what a snapshot and the entries after it say.
  void crash(const step& next) {
    if (snapshots_.empty()) return;
    auto rebuilt = resumed(snapshots_[next.which * 7 % snapshots_.size()]);
    RC_ASSERT(rebuilt == account_);
    account_ = std::move(rebuilt);
    forget_reversals();
  }

  /// The database says in no certain order which lots come back.
  credit_account resumed(const kept& from) const {
    auto resumed = restore(from.snapshot);
    for (auto i = from.entries; i < ledger_.size(); ++i) {
      auto event = ledger_[i];
      std::ranges::reverse(event.reopened);
      evolve(resumed, event);
    }
    return resumed;
  }

  std::vector<kept> snapshots_;
};

RC_GTEST_PROP(HistoryTest, KeepsEveryPromiseAtEveryStep, ()) {
  const auto steps = *rc::gen::container<std::vector<step>>(any_step());
  history account;

  for (const auto& next : steps)
    account.take(next);
}

RC_GTEST_PROP(HistoryTest, IsTheSameWhenItIsReplayedFromAnywhere, ()) {
  const auto steps = *rc::gen::container<std::vector<step>>(any_step());
  history account;

  for (const auto& next : steps)
    account.take(next);

  account.check_replay();
}

} // namespace
} // namespace tessera::test
