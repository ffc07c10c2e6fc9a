#include "actors/journal/archive.hpp"
#include "persistence/pg/error.hpp"
#include "tests/support/builders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace tessera::test {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

/// What the database has, and what it fails with.
struct snapshot_rows {
  std::vector<account_id> saved;
  account_id culprit;               // its figures break a constraint
  std::deque<std::string> failures; // SQLSTATEs of the next calls, before that
  std::vector<std::size_t> batches;
};

class fake_account_store final : public persistence::account_store {
public:
  explicit fake_account_store(snapshot_rows& rows) : rows_(rows) {}
  std::vector<account_history> load(std::span<const account_id>) override { return {}; }
  std::vector<std::vector<inbox_command>> waiting(std::span<const inbox_page> pages) override {
    return std::vector<std::vector<inbox_command>>(pages.size());
  }
  std::vector<std::pair<account_id, std::vector<alert_threshold>>>
  thresholds(std::span<const account_id>) override {
    return {};
  }
  void save(std::span<const account_snapshot> snapshots) override {
    rows_.batches.push_back(snapshots.size());
    if (!rows_.failures.empty()) {
      const auto state = rows_.failures.front();
      rows_.failures.pop_front();
      if (!state.empty()) throw pg::error("planned", state, "", "");
    }
    for (const auto& each : snapshots)
      if (each.account == rows_.culprit)
        throw pg::error("refused", "23514", "credit_balances_not_negative", "");
    for (const auto& each : snapshots)
      rows_.saved.push_back(each.account);
  }

private:
  snapshot_rows& rows_;
};

class ArchiveTest : public testing::Test {
protected:
  /// Writes what the accounts have left, as at the end of the service: nobody waits for an interval.
  void write(const std::vector<account_id>& accounts) {
    archive all(
        std::make_unique<fake_account_store>(rows),
        std::make_unique<fake_account_store>(rows),
        std::chrono::hours{1}
    );
    for (const auto& account : accounts) {
      account_snapshot snapshot;
      snapshot.account = account;
      snapshot.seq = 1;
      all.save(snapshot);
    }
    all.finish();
  }

  snapshot_rows rows;
  const account_id one = numbered<account_id>(1);
  const account_id culprit = numbered<account_id>(2);
  const account_id other = numbered<account_id>(3);
};

TEST_F(ArchiveTest, WritesWhatIsLeftInOneGo) {
  write({one, other});
  EXPECT_THAT(rows.saved, UnorderedElementsAre(one, other));
  EXPECT_THAT(rows.batches, ElementsAre(2u));
}

TEST_F(ArchiveTest, ASnapshotThatIsRefusedStopsNoOther) {
  rows.culprit = culprit;
  write({one, culprit, other});
  EXPECT_THAT(rows.saved, UnorderedElementsAre(one, other));
  EXPECT_THAT(rows.batches, ElementsAre(3u, 1u, 1u, 1u));
}

TEST_F(ArchiveTest, WhatIsRefusedAloneIsNotTriedAgain) {
  rows.culprit = culprit;
  write({culprit});
  EXPECT_THAT(rows.batches, ElementsAre(1u));
}

/// A lock or a lost connection is nobody's fault: what is not written waits for the next time.
TEST_F(ArchiveTest, WhatMaySucceedLaterIsNotTakenApart) {
  for (const auto* state : {"55P03", "57P01"}) {
    rows = {};
    rows.failures = std::deque<std::string>(10, state);
    write({one, other});
    EXPECT_THAT(rows.batches, AllOf(Not(IsEmpty()), Each(2u))) << state;
  }
}

/// One by one, and the connection is lost in the middle.
TEST_F(ArchiveTest, WhatIsLeftOfABatchWaitsWithTheRest) {
  rows.culprit = culprit;
  rows.failures = {"23514", "", "57P01", "57P01", "57P01"};
  write({one, culprit, other});
  ASSERT_GE(rows.batches.size(), 3u);
  EXPECT_THAT(std::vector(rows.batches.begin(), rows.batches.begin() + 3), ElementsAre(3u, 1u, 1u));
  EXPECT_THAT(rows.saved, ElementsAre(one));
}

} // namespace
} // namespace tessera::test
