// Allocations from everywhere at once, each storm from a seed. The API goes down the tree only; here credits
// also go up, so that two accounts give to each other.
#include "actors/account/seal.hpp"
#include "actors/domain/ledger_check.hpp"
#include "tests/actors/account/account_fixture.hpp"

#include <random>

namespace tessera::test {
namespace {

class AllocationStormTest : public AccountTest, public testing::WithParamInterface<std::uint64_t> {
protected:
  void open_accounts(std::size_t count, std::int64_t each) {
    for (; count > 0; --count) {
      accounts.push_back(each > 0 ? world.open_with(each) : world.open());
      bought += each;
    }
  }

  std::int64_t below(std::int64_t bound) {
    return std::uniform_int_distribution(std::int64_t{0}, bound - 1)(random);
  }
  const account_id& any_account() { return accounts[static_cast<std::size_t>(below(std::ssize(accounts)))]; }

  void give(const account_id& from, const std::vector<std::pair<account_id, std::int64_t>>& legs) {
    std::vector<allocation_leg> list;
    for (const auto& [to, amount] : legs)
      list.push_back({to, credits{amount}, numbered<inbox_id>(++rows << 8)});
    auto command = allocate(std::move(list));
    command.account = from;
    command.allocation_id = "alloc-" + std::to_string(rows);
    gifts.push_back(world.ask(command));
  }
  void take(const account_id& from, std::int64_t amount) { world.ask(spend(from, amount)); }

  /// Something moves on. After a round the sum over all accounts is what was bought; looked at now and then.
  void step() {
    switch (below(8)) {
    case 0: {
      if (world.step_round() && below(4) == 0) expect_conserved();
      return;
    }
    case 1: world.step_read(random() % 100); return;
    case 2: world.step_snapshot(random() % 100); return;
    case 3: world.step_bounced(); return;
    case 4: {
      const auto nudged = any_account();
      below(20) == 0 ? world.passivate(nudged) : world.tell(absorb_inbox{nudged, {}});
      return;
    }
    default: world.step_actor(random() % 100);
    }
  }

  /// Nobody waits for anybody for ever: it is over after so many steps, however they fall.
  void run_to_the_end() {
    constexpr int most_steps = 200'000;
    int steps = 0;
    for (; world.unanswered() > 0 && steps < most_steps; ++steps)
      step();
    ASSERT_LT(steps, most_steps) << world.unanswered() << " requests hang";
    for (const auto& account : accounts)
      world.tell(absorb_inbox{account, {}});
    world.settle();
    expect_conserved();
    EXPECT_EQ(waiting(), 0);
    for (const auto& account : accounts)
      expect_chain(account);
  }

  std::int64_t waiting() {
    std::int64_t units = 0;
    for (const auto& row : world.ledger().all_inboxes())
      if (row.waits())
        for (const auto& each : arrival(row.command).lots)
          units += each.amount.value();
    return units;
  }

  void expect_conserved() {
    auto sum = waiting();
    for (const auto& account : accounts) {
      const auto& after = world.ledger().last(account).after;
      ASSERT_GE(after.available, credits{0});
      sum += after.total().value();
    }
    ASSERT_EQ(sum, bought);
  }

  void expect_chain(const account_id& account) {
    credit_account state;
    for (const auto& event : world.ledger().events(account)) {
      write_set again;
      again.events = {event};
      seal(again, state.head, event.booked.writer);
      ASSERT_EQ(again.events.front().booked.hash, event.booked.hash) << "broken at " << event.booked.seq;
      if (event.booked.seq > 0) {
        ASSERT_EQ(flaw_of(state, event), "") << "at " << event.booked.seq;
      }
      evolve(state, event);
    }
  }

  std::size_t happened() const {
    return static_cast<std::size_t>(std::ranges::count_if(gifts, [this](const auto& each) {
      return world.answer(each).ok();
    }));
  }

  std::mt19937_64 random{GetParam()};
  std::vector<account_id> accounts;
  std::vector<asked<allocation_receipt>> gifts;
  std::int64_t bought = 0;
  std::uint32_t rows = 0;
};

INSTANTIATE_TEST_SUITE_P(Seeds, AllocationStormTest, testing::Range(std::uint64_t{1}, std::uint64_t{6}));

TEST_P(AllocationStormTest, TwoThatGiveToEachOtherLoseNothing) {
  open_accounts(2, 500);
  for (int i = 0; i < 300; ++i) {
    const auto from = static_cast<std::size_t>(i % 2);
    give(accounts[from], {{accounts[1 - from], 1 + below(60)}});
    for (auto some = below(12); some > 0; --some)
      step();
  }
  run_to_the_end();
  EXPECT_GT(happened(), 100u);
}

TEST_P(AllocationStormTest, AChainOfSixtyFourGivesAtEveryLevelAtOnce) {
  open_accounts(64, 50);
  for (int i = 0; i < 400; ++i) {
    const auto from = static_cast<std::size_t>(below(63));
    give(accounts[from], {{accounts[from + 1], 1 + below(30)}});
    if (below(4) == 0) give(accounts[from + 1], {{accounts[from], 1 + below(30)}});
    if (below(3) == 0) take(any_account(), 1 + below(5));
    for (auto some = below(6); some > 0; --some)
      step();
  }
  run_to_the_end();
  EXPECT_GT(happened(), 200u);
}

TEST_P(AllocationStormTest, OneGivesToAHundredThatSpend) {
  open_accounts(1, 5'000);
  open_accounts(100, 0);
  for (int i = 0; i < 40; ++i) {
    std::vector<std::pair<account_id, std::int64_t>> legs;
    for (std::size_t child = 1; child < accounts.size(); ++child)
      legs.emplace_back(accounts[child], 1 + below(2));
    give(accounts[0], legs);
    for (auto some = below(60); some > 0; --some) {
      if (below(2) == 0) take(any_account(), 1);
      step();
    }
  }
  run_to_the_end();
  EXPECT_GT(happened(), 20u);
  EXPECT_LT(happened(), gifts.size()) << "at last there is not enough";
}

} // namespace
} // namespace tessera::test
