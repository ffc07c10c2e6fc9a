#include "tests/faults/fault_fixture.hpp"

#include <atomic>
#include <functional>

namespace tessera::test {

namespace {

/// Clients that spend from one account as fast as they are answered, and never meet a failure.
class spenders {
public:
  explicit spenders(std::function<bool(std::uint16_t)> spend) {
    for (std::uint16_t i = 0; i < 50; ++i)
      threads_.emplace_back([this, i, spend](std::stop_token stop) {
        while (!stop.stop_requested())
          ++(spend(i) ? done_ : failed_);
      });
  }
  std::int64_t done() const { return done_.load(); }
  std::int64_t failed() const { return failed_.load(); }

private:
  std::atomic<std::int64_t> done_{0};
  std::atomic<std::int64_t> failed_{0};
  std::vector<std::jthread> threads_;
};

class OldKeysTest : public FaultTest {
protected:
  static constexpr std::size_t old_keys = 1'000;

  std::vector<order> spend_some() {
    std::vector<order> spent(old_keys);
    in_parallel(8, [&](std::uint16_t index) {
      auto line = make_caller(index);
      for (std::size_t i = index; i < old_keys; i += 8) {
        spent[i] = orders_.open(action::consume, 0, 3);
        const auto answer = line.ask(spent[i], orders_.next_attempt(spent[i].op), 0);
        ASSERT_TRUE(answer && answer->ok()) << line.last().response.body;
      }
    });
    return spent;
  }

  /// How many were answered as replays.
  std::int64_t replay(const std::vector<order>& spent) {
    std::atomic<std::int64_t> replayed{0};
    in_parallel(4, [&](std::uint16_t index) {
      auto line = make_caller(static_cast<std::uint16_t>(100 + index));
      for (std::size_t i = index; i < spent.size(); i += 4) {
        const auto answer = line.ask(spent[i], orders_.next_attempt(spent[i].op), 0);
        EXPECT_TRUE(answer && answer->ok()) << line.last().response.body;
        if (answer && answer->ok() && answer->replayed) ++replayed;
      }
    });
    return replayed;
  }
};

/// After a restart no key is in memory: every one of them first meets the ledger's own index.
TEST_F(OldKeysTest, ReplayedAgainstAHotAccountDisturbNobody) {
  buy(0, bank::large_credits);
  const auto spent = spend_some();
  node_.kill();
  node_.start();
  std::vector<caller> lines;
  for (std::uint16_t i = 0; i < 50; ++i)
    lines.push_back(make_caller(i));
  std::int64_t alone = 0;
  std::int64_t disturbed = 0;
  std::int64_t replay_us = 0;

  {
    spenders hot([&](std::uint16_t i) {
      const auto answer = spend(lines[i], 0, 1);
      return answer && answer->ok();
    });
    ASSERT_TRUE(wait_until(milliseconds{10'000}, [&] { return hot.done() > 500; }));
    const auto before = hot.done();
    let_pass(milliseconds{1'000});
    alone = hot.done() - before;
    const auto start_us = now_us();
    EXPECT_EQ(replay(spent), static_cast<std::int64_t>(old_keys));
    replay_us = now_us() - start_us;
    disturbed = hot.done() - before - alone;
    EXPECT_EQ(hot.failed(), 0);
  }

  const auto rate = static_cast<double>(disturbed) * 1e6 / static_cast<double>(replay_us);
  std::cout << alone << " spends per second alone, " << static_cast<std::int64_t>(rate) << " during "
            << replay_us / 1'000 << " ms of replays: ratio "
            << rate / static_cast<double>(std::max<std::int64_t>(alone, 1)) << "\n";
  expect_no_violation();
}

} // namespace

} // namespace tessera::test
