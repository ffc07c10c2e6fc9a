#include "tests/actors/account/account_fixture.hpp"

namespace tessera::test {
namespace {

using testing::ElementsAre;

class BatchTest : public AccountTest {
protected:
  static consume_batch batch_of(std::vector<consume_credits> items) {
    const auto account = items.front().account;
    return {account, std::move(items)};
  }
  /// `ok`, `replayed`, or the reason, item by item.
  std::vector<std::string> told(asked<consumed_batch> asked) {
    std::vector<std::string> words;
    for (const auto& item : world.answer(asked)->results)
      words.emplace_back(!item ? to_string(item.code()) : item->replayed ? "replayed" : "ok");
    return words;
  }
};

TEST_F(BatchTest, AnswersOnceWhenEveryItemIsDurableOrRefused) {
  const auto account = world.open_with(100);

  const auto asked = world.ask(batch_of({spend(account, 60), spend(account, 50), spend(account, 40)}));
  world.deliver();
  EXPECT_FALSE(world.is_answered(asked));
  world.round();

  EXPECT_THAT(told(asked), ElementsAre("ok", "insufficient_credits", "ok"));
  EXPECT_THAT(spends_of(account), ElementsAre(60, 40));
  EXPECT_EQ(world.answer(asked)->results[1].why().would_allow, credits{40});
  EXPECT_EQ(world.answer(asked)->results[2]->available, credits{0});
}

TEST_F(BatchTest, ADuplicateInsideIsAReplayOfTheFirst) {
  const auto account = world.open_with(100);

  const auto asked = world.ask(
      batch_of({spend(account, 10, 1), spend(account, 10, 1), spend(account, 11, 1), spend(account, 5, 2)})
  );
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("ok", "replayed", "idempotency_key_reused", "ok"));
  EXPECT_EQ(world.answer(asked)->results[1]->seq, world.answer(asked)->results[0]->seq);
  EXPECT_THAT(spends_of(account), ElementsAre(10, 5));
}

TEST_F(BatchTest, DecidesAgainWhenAnOldKeyTakesTheRoundBack) {
  const auto account = world.open_with(100);
  world.deliver();
  spend_long_ago(account, 30, 7);

  const auto asked =
      world.ask(batch_of({spend(account, 60, 1), spend(account, 30, 7), spend(account, 10, 2)}));
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("ok", "replayed", "ok"));
  EXPECT_THAT(spends_of(account), ElementsAre(30, 60, 10));
}

TEST_F(BatchTest, WaitsForKeysThatAreLookedUp) {
  const auto account = world.open_with(30);
  spend_long_ago(account, 30, 7);

  const auto asked = world.ask(batch_of({spend(account, 30, 7), spend(account, 1, 8), spend(account, 2)}));
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("replayed", "insufficient_credits", "insufficient_credits"));
  EXPECT_THAT(spends_of(account), ElementsAre(30));
}

TEST_F(BatchTest, NothingOvertakesWhatIsLookedUp) {
  const auto account = world.open_with(100);
  world.deliver();
  spend_long_ago(account, 30, 7);

  const auto asked = world.ask(batch_of({spend(account, 30, 7), spend(account, 60, 1), spend(account, 60)}));
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("replayed", "ok", "insufficient_credits"));
  EXPECT_THAT(spends_of(account), ElementsAre(30, 60));
}

TEST_F(BatchTest, NorDoesTheSameKeyOnceMore) {
  const auto account = world.open_with(5);
  const auto asked = world.ask(batch_of({spend(account, 100, 1), spend(account, 5), spend(account, 5, 1)}));
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("insufficient_credits", "ok", "insufficient_credits"));
}

TEST_F(BatchTest, NorDoesAnotherKey) {
  const auto account = world.open_with(50);
  available(account); // awake
  const auto asked = world.ask(batch_of({spend(account, 60, 1), spend(account, 20, 2)}));
  world.deliver(); // the first is looked up
  world.put_inbox(account, 20);
  world.ask(absorb_inbox{account, {}});
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("ok", "insufficient_credits"));
}

TEST_F(BatchTest, KeepsItsOrderWhileTheAccountIsWary) {
  const auto account = world.open_with(130);
  world.deliver();
  spend_long_ago(account, 30, 7);
  world.ask(spend(account, 30, 7));
  world.settle(); // one old key: for a second all are looked up

  const auto asked = world.ask(
      batch_of({spend(account, 60, 1), spend(account, 60), spend(account, 40, 2), spend(account, 40)})
  );
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("ok", "insufficient_credits", "ok", "insufficient_credits"));
}

TEST_F(BatchTest, ItemsBehindALookUpThatFailsAreDecided) {
  const auto account = world.open_with(50);
  world.settle();
  world.store().fail_look_ups(1);

  const auto asked = world.ask(batch_of({spend(account, 60, 1), spend(account, 50)}));
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("database_unavailable", "ok"));
}

TEST_F(BatchTest, WaitsForTheAccountToWakeUp) {
  const auto account = world.open_with(100);
  world.fail_loads(1);

  const auto failed = world.ask(batch_of({spend(account, 1, 1), spend(account, 2, 2)}));
  world.settle();
  const auto again = world.ask(batch_of({spend(account, 1, 1), spend(account, 2, 2)}));
  world.settle();

  EXPECT_THAT(told(failed), ElementsAre("database_unavailable", "database_unavailable"));
  EXPECT_THAT(told(again), ElementsAre("ok", "ok"));
}

TEST_F(BatchTest, EveryItemIsUnknownWhenTheAccountBreaksInTheMiddle) {
  const auto account = world.open_with(100);
  world.settle();
  world.ask(spend(account, 1));
  world.settle();
  world.break_journal();

  const auto asked = world.ask(batch_of({spend(account, 2, 1), spend(account, 3, 2)}));
  world.settle();
  world.break_journal(false);
  const auto again = world.ask(batch_of({spend(account, 2, 1), spend(account, 3, 2)}));
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("outcome_unknown", "outcome_unknown"));
  EXPECT_THAT(told(again), ElementsAre("ok", "ok"));
  EXPECT_THAT(spends_of(account), ElementsAre(1, 2, 3));
}

TEST_F(BatchTest, WhatIsTooLateIsNotDecided) {
  const auto account = world.open_with(100);
  auto late = spend(account, 2);
  late.until = deadline{} + std::chrono::seconds(1);

  const auto asked = world.ask(batch_of({spend(account, 1), late}));
  world.settle();

  EXPECT_THAT(told(asked), ElementsAre("ok", "overloaded"));
  EXPECT_THAT(spends_of(account), ElementsAre(1));
}

TEST(BatchDepthTest, ABatchFillsTheJournalNoFurtherThanItsBound) {
  actor_world world({.max_depth = 3});
  const auto account = world.open_with(100);
  world.ask(spend(account, 1));
  world.settle(); // awake

  std::vector<consume_credits> items(5, spend(account, 1));
  const auto asked = world.ask(consume_batch{account, std::move(items)});
  world.deliver();
  EXPECT_EQ(3u, world.depth());
  world.settle();

  std::size_t done = 0;
  for (const auto& item : world.answer(asked)->results)
    done += item ? 1 : 0;
  EXPECT_EQ(3u, done);
  EXPECT_EQ(world.answer(asked)->results[4].code(), errc::overloaded);
}

} // namespace
} // namespace tessera::test
