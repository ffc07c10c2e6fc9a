#include "actors/domain/atomic_batch.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

consume_atomically batch_of(const std::vector<std::int64_t>& amounts) {
  consume_atomically batch{test_account, {}, {}};
  for (const auto amount : amounts)
    batch.items.push_back(consume(amount));
  return batch;
}

TEST(AtomicBatchTest, TakesEveryItemInItsTurn) {
  auto account = an_account().with_lot(200, expires_in(30d)).with_lot(100).build();
  auto batch = batch_of({150, 100, 50});
  for (std::uint32_t i = 0; i < 3; ++i)
    batch.items[i].idempotency = idempotency_key{numbered<uuid>(i + 1), numbered<uuid>(7)};

  const auto decision = decide(account, batch, start_of_test);

  ASSERT_TRUE(decision.ok());
  const auto& events = *decision;
  ASSERT_EQ(events.size(), 3u);
  EXPECT_THAT(events[0].booked.slices, ElementsAre(part(150, 1)));
  EXPECT_THAT(events[1].booked.slices, ElementsAre(part(50, 1), part(50, 2)));
  EXPECT_THAT(events[2].booked.slices, ElementsAre(part(50, 2)));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(events[i].booked.seq, account.seq + 1 + i);
    EXPECT_EQ(events[i].booked.idempotency, batch.items[i].idempotency);
  }
  book(account, events);
  EXPECT_EQ(account.totals.now.available, credits{0});
}

TEST(AtomicBatchTest, RefusesAsTheItemThatCannotBePaidAndTellsWhatIsThereNow) {
  const auto account = an_account().with_lot(100).build();

  const auto decision = decide(account, batch_of({60, 41, 1}), start_of_test);

  ASSERT_FALSE(decision.ok());
  const auto& why = decision.why();
  EXPECT_EQ(why.code, errc::insufficient_credits);
  EXPECT_EQ(why.blocker, blocked_by::balance);
  EXPECT_EQ(why.item, 1);
  EXPECT_EQ(why.requested, credits{41});
  EXPECT_EQ(why.available, credits{100}); // nothing was spent
  EXPECT_EQ(why.would_allow, credits{40});
}

TEST(AtomicBatchTest, AFrozenAccountRefusesTheFirst) {
  const auto decision = decide(an_account().with_lot(100).frozen().build(), batch_of({1, 2}), start_of_test);

  EXPECT_EQ(decision.code(), errc::entity_frozen);
  EXPECT_EQ(decision.why().item, 0);
}

TEST(AtomicBatchTest, WhatIsOverIsNotAvailableToARefusal) {
  const auto account = an_account().with_lot(100, expires_in(0s)).with_lot(10).build();

  const auto decision = decide(account, batch_of({4, 7}), start_of_test);

  ASSERT_FALSE(decision.ok());
  EXPECT_EQ(decision.why().available, credits{10});
  EXPECT_EQ(decision.why().would_allow, credits{6});
}

TEST(AtomicBatchTest, ALotThatEndsBetweenTwoItemsPaysForTheFirstOnly) {
  const auto account = an_account().with_lot(100, expires_in(tick)).with_lot(10).build();

  const auto decision = decide(account, batch_of({30, 4}), start_of_test);

  ASSERT_TRUE(decision.ok());
  const auto& events = *decision;
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].booked.usable_after, credits{80});
  EXPECT_EQ(events[1].booked.type, entry_type::expire);
  EXPECT_EQ(events[1].booked.units, credits{70});
  EXPECT_EQ(events[2].booked.usable_after, credits{6});
}

/// Lots that end while the batch is decided, so that an expiry may come between its items.
credit_account any_account() {
  auto builder = an_account();
  for (auto lots = *rc::gen::inRange(0, 5); lots > 0; --lots) {
    const auto amount = *rc::gen::inRange(1, 60);
    const auto life = *rc::gen::inRange(-2, 14);
    life > 10 ? builder.with_lot(amount) : builder.with_lot(amount, expires_in(life * tick));
  }
  return builder.build();
}

/// The same items one by one, each decided on what the one before it left.
struct one_by_one {
  std::vector<account_event> events;
  std::optional<std::size_t> refused;
  credit_account left;

  one_by_one(const credit_account& from, const consume_atomically& batch) : left(from) {
    for (std::size_t i = 0; i < batch.items.size() && !refused; ++i) {
      const auto step = decide(left, batch.items[i], start_of_test);
      if (!step.ok())
        refused = i;
      else
        for (const auto& event : *step) {
          evolve(left, event);
          events.push_back(event);
        }
    }
  }
};

RC_GTEST_PROP(AtomicBatchTest, IsWhatItsItemsWouldBeOneByOneOrNothing, ()) {
  const auto account = any_account();
  auto amounts = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 40)));
  auto batch = batch_of({amounts.begin(), amounts.end()});
  const one_by_one expected(account, batch);

  const auto decision = decide(account, batch, start_of_test);

  RC_ASSERT(decision.ok() == !expected.refused);
  if (decision.ok()) {
    RC_ASSERT(decision->size() == expected.events.size());
    auto left = account;
    for (const auto& event : *decision)
      evolve(left, event);
    RC_ASSERT(left == expected.left);
    return;
  }
  const auto& why = decision.why();
  RC_ASSERT(why.item == *expected.refused);
  RC_ASSERT(why.requested == batch.items[*expected.refused].amount);
  RC_ASSERT(why.available >= why.would_allow);
  // What it says would pass passes, and one more does not.
  batch.items.resize(*expected.refused + 1);
  auto& last = batch.items.back().amount;
  last = why.would_allow + credits{1};
  RC_ASSERT(!decide(account, batch, start_of_test).ok());
  last = why.would_allow;
  RC_ASSERT(last.is_zero() || decide(account, batch, start_of_test).ok());
}

} // namespace
} // namespace tessera::test
