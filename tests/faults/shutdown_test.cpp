#include "tests/faults/fault_fixture.hpp"

namespace tessera::test {

namespace {

using ShutdownTest = FaultTest;

TEST_F(ShutdownTest, SigtermUnderLoadLosesNoAcknowledgement) {
  constexpr int stops = 3;
  workload clients(bank_, nodes_, *notes_, fault_seed(), {.workers = 16, .hot = 6, .poor = 1});
  clients.fill();

  for (int i = 0; i < stops; ++i) {
    clients.resume();
    ASSERT_GE(clients.first_success_after(now_us(), milliseconds{10'000}), 0);
    let_pass(milliseconds{300});
    const auto asked_us = now_us();

    const auto ended = node_.stop();

    std::cout << "stopped in " << (now_us() - asked_us) / 1'000 << " ms\n";
    EXPECT_EQ(ended, (exit_status{0, 0}));
    EXPECT_LE(now_us() - asked_us, 10'000'000);
    node_.start();
    ASSERT_TRUE(clients.settle(milliseconds{60'000}));
  }

  print_outcomes(std::cout, notes_->copy());
  expect_no_violation();
}

} // namespace

} // namespace tessera::test
