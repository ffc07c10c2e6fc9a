#include "tests/faults/campaign/crash_campaign.hpp"
#include "tests/faults/campaign/settings.hpp"
#include "tests/faults/campaign/two_owners.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <stdexcept>

namespace tessera::test {

namespace {

class TwoOwnersTest : public testing::Test {
protected:
  /// TESSERA_FAULT_SECONDS=N for more.
  template <class Disturb> violations run(Disturb disturb) {
    owners_.clients().fill();
    owners_.clients().resume();
    for (const deadline until(seconds_); !until.over();) {
      disturb();
      let_pass(milliseconds{150});
      EXPECT_FALSE(owners_.revive()) << "a node died by itself";
    }
    EXPECT_TRUE(owners_.clients().settle(milliseconds{60'000})) << "outcomes remain unknown";
    return owners_.check_now({});
  }

  void expect_no_violation(const violations& found) {
    print_outcomes(std::cout, owners_.done());
    for (const std::size_t each : {0u, 1u}) {
      std::cout << owners_.clients().acknowledged(each) << " spends acknowledged by node " << each << "\n";
      EXPECT_GT(owners_.clients().acknowledged(each), 0u) << "node " << each << " got nothing done";
    }
    EXPECT_TRUE(found.empty()) << found;
    if (HasFailure()) owners_.keep(keep_directory(), found);
  }

  milliseconds seconds_{fault_setting("SECONDS", 12) * 1'000};
  postgres_cluster cluster_{{.fsync = true}};
  two_owners owners_{cluster_, fault_seed()};
};

TEST_F(TwoOwnersTest, NeitherUndoesWhatTheOtherDid) {
  const auto found = run([this] { owners_.pause_one(); });

  expect_no_violation(found);
}

TEST_F(TwoOwnersTest, BytesThatArriveLateChangeNothing) {
  const auto found = run([this] { owners_.deliver_late_bytes(); });

  expect_no_violation(found);
}

/// The control: without the journal's rule the same campaign must find what the rule prevents.
TEST_F(TwoOwnersTest, WithoutTheFenceTheCheckerFindsViolations) {
  disable_fence(cluster_, owners_.database());
  owners_.clients().fill();
  owners_.clients().resume();
  const auto written_twice = [this] {
    return cluster_.query(
               owners_.database(),
               "SELECT 1 FROM credit_entries GROUP BY account_id, seq HAVING count(*) > 1 LIMIT 1"
           ) == "1";
  };

  const bool happened = wait_until(milliseconds{60'000}, [&] {
    owners_.pause_one();
    return written_twice();
  });
  owners_.clients().settle(milliseconds{1'000}); // as far as it goes: nothing promises an end
  const auto found = owners_.check_now({.all_resolved = false});

  EXPECT_TRUE(happened);
  EXPECT_GT(found.count(violation_kind::duplicate_seq), 0u);
  EXPECT_GT(found.count(violation_kind::broken_chain), 0u);
  std::cout << found;
}

} // namespace

} // namespace tessera::test
