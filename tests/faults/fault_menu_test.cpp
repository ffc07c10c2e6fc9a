#include "tests/faults/fault_fixture.hpp"
#include "tests/faults/menu/fault_menu.hpp"

#include <algorithm>
#include <ranges>

namespace tessera::test {

namespace {

constexpr milliseconds patience{30'000};
constexpr std::int64_t longest_recovery_us = 5'000'000;
constexpr std::int64_t longest_answer_us = 2'000'000;
constexpr std::int64_t scheduling_us = 500'000; // this machine is shared

/// What has to be there before the service starts. First of the bases: the fixture starts it.
struct menu_table {
  explicit menu_table(const menu_item& item) : why_not(item.why_not()) {
    if (item.fakes_clock) clock = std::make_unique<fake_clock>();
  }
  std::string why_not;
  std::unique_ptr<fake_clock> clock;
};

class FaultMenuTest : menu_table, public FaultTest, public testing::WithParamInterface<menu_item> {
protected:
  FaultMenuTest()
      : menu_table(GetParam()), FaultTest(postgres(), clock ? clock->environment() : variables{}),
        clients_(
            bank_,
            nodes_,
            *notes_,
            fault_seed(),
            {.workers = 16, .hot = 6, .poor = 1, .request_timeout = milliseconds{8'000}}
        ) {}

  void SetUp() override {
    if (!why_not.empty()) GTEST_SKIP() << why_not;
  }

  /// Once: it begins, lasts and ends, everybody finds out what became of their calls.
  void live_through(trouble& each) {
    clients_.resume();
    ASSERT_GE(clients_.first_success_after(now_us(), patience), 0);
    each.begin();
    const auto begun_us = now_us();
    for (const deadline until(seconds_); !until.over(); let_pass(milliseconds{150}))
      each.go_on();
    const auto ending_us = now_us();
    each.end();
    const auto recovery_us = clients_.serve_a_stranger(patience);
    ASSERT_GE(recovery_us, 0) << "nobody was served any more";
    ASSERT_TRUE(clients_.settle(2 * patience));
    ASSERT_TRUE(node_.alive());
    note(begun_us, ending_us, recovery_us);
  }

  void print() const {
    std::cout << GetParam().name << ": served while it lasted " << served_ << ", slowest answer "
              << slowest_us_ / 1'000 << " ms, recovery " << recovery_us_ / 1'000 << " ms\n";
    print_outcomes(std::cout, notes_->copy());
  }

  void expect_promises() const {
    EXPECT_LE(recovery_us_, longest_recovery_us);
    EXPECT_LE(slowest_us_, longest_answer_us + scheduling_us);
    if (GetParam().stops_writes) {
      EXPECT_EQ(served_, 0u);
    }
    for (const auto& each : notes_->copy().attempts)
      EXPECT_TRUE(each.retry_after || (each.status != 429 && each.status != 503)) << to_string(each.code);
  }

  std::int64_t cycles_ = fault_setting("MENU_CYCLES", 1);

private:
  postgres_options postgres() const {
    return {.fsync = true, .small = why_not.empty() ? GetParam().small : on_small_disk::nothing};
  }

  /// A round that was on its way when it began, or when it ended, may have been served.
  void note(std::int64_t begun_us, std::int64_t ending_us, std::int64_t recovery_us) {
    recovery_us_ = std::max(recovery_us_, recovery_us);
    for (const auto& each : notes_->copy().attempts) {
      if (each.what != action::consume || each.invoke_us <= begun_us || each.invoke_us >= ending_us) continue;
      slowest_us_ = std::max(slowest_us_, std::min(each.complete_us, ending_us) - each.invoke_us);
      served_ += each.ok() && !each.replayed && each.complete_us < ending_us;
    }
  }

  workload clients_;
  milliseconds seconds_{fault_setting("MENU_SECONDS", 3) * 1'000};
  std::int64_t recovery_us_ = 0;
  std::int64_t slowest_us_ = 0;
  std::size_t served_ = 0;

protected:
  workload& clients() { return clients_; }
  fake_clock* faked() { return clock.get(); }
  trouble_place place() { return {cluster_, node_}; }
};

/// TESSERA_FAULT_MENU_CYCLES and TESSERA_FAULT_MENU_SECONDS for more.
TEST_P(FaultMenuTest, NothingIsLostAndItRecoversByItself) {
  const auto trouble = GetParam().make(place(), faked());
  clients().fill();
  for (std::int64_t cycle = 0; cycle < cycles_ && !HasFailure(); ++cycle)
    live_through(*trouble);
  print();
  expect_promises();
  expect_no_violation();
}

INSTANTIATE_TEST_SUITE_P(
    All,
    FaultMenuTest,
    testing::ValuesIn(fault_menu().begin(), fault_menu().end()),
    [](const auto& each) { return std::string(each.param.name); }
);

} // namespace

} // namespace tessera::test
