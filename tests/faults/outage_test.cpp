#include "tests/faults/fault_fixture.hpp"

#include <algorithm>

namespace tessera::test {

namespace {

/// How the database can be away.
struct outage {
  const char* name;
  void (*begin)(postgres_cluster&);
  void (*end)(postgres_cluster&);
};

class OutageTest : public FaultTest, public testing::WithParamInterface<outage> {
protected:
  /// The slowest answer to a write that was asked between the two instants.
  std::int64_t slowest_write_us(std::int64_t from_us, std::int64_t to_us) const {
    std::int64_t slowest = 0;
    for (const auto& each : notes_->copy().attempts)
      if (each.what == action::consume && each.invoke_us > from_us && each.invoke_us < to_us)
        slowest = std::max(slowest, each.complete_us - each.invoke_us);
    return slowest;
  }

  std::size_t successes_between(std::int64_t from_us, std::int64_t to_us) const {
    const auto done = notes_->copy();
    return static_cast<std::size_t>(std::ranges::count_if(done.attempts, [&](const attempt& a) {
      return a.what == action::consume && a.ok() && !a.replayed && a.invoke_us > from_us &&
             a.complete_us < to_us;
    }));
  }
};

/// TESSERA_FAULT_OUTAGE_SECONDS=20 for the whole promise (contract 11.5).
TEST_P(OutageTest, WritesAreRefusedInTimeAndRecoverByThemselves) {
  constexpr std::int64_t scheduling_us = 500'000; // this machine is shared
  workload clients(
      bank_,
      nodes_,
      *notes_,
      fault_seed(),
      {.workers = 16, .hot = 6, .poor = 1, .request_timeout = milliseconds{8'000}}
  );
  clients.fill();
  clients.resume();
  ASSERT_GE(clients.first_success_after(now_us(), milliseconds{10'000}), 0);

  GetParam().begin(cluster_);
  const auto gone_us = now_us();
  let_pass(milliseconds{fault_setting("OUTAGE_SECONDS", 6) * 1'000});
  const auto returning_us = now_us();
  GetParam().end(cluster_);
  const auto back_us = now_us();
  const auto recovery_us = clients.first_success_after(back_us, milliseconds{30'000});
  const bool settled = clients.settle(milliseconds{60'000});

  const auto slowest_us = slowest_write_us(gone_us, returning_us);
  std::cout << "slowest write while it was away " << slowest_us / 1'000 << " ms, recovery "
            << recovery_us / 1'000 << " ms\n";
  print_outcomes(std::cout, notes_->copy());
  EXPECT_LE(slowest_us, 2'000'000 + scheduling_us);
  EXPECT_EQ(successes_between(gone_us, returning_us), 0u);
  EXPECT_GE(recovery_us, 0);
  EXPECT_LE(recovery_us, 5'000'000);
  EXPECT_TRUE(settled);
  EXPECT_TRUE(node_.alive());
  expect_no_violation();
}

INSTANTIATE_TEST_SUITE_P(
    All,
    OutageTest,
    testing::Values(
        outage{
            "Stopped",
            [](postgres_cluster& c) { c.stop_immediate(); },
            [](postgres_cluster& c) { c.start(); }},
        outage{"Frozen", [](postgres_cluster& c) { c.pause(); }, [](postgres_cluster& c) { c.resume(); }}
    ),
    [](const auto& each) { return std::string(each.param.name); }
);

} // namespace

} // namespace tessera::test
