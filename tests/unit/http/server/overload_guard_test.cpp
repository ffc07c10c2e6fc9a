#include "http/server/overload_guard.hpp"

#include <gtest/gtest.h>

namespace tessera::http::test {
namespace {

constexpr std::int64_t probe_us = 5'000;

/// A loop that answers `rate` requests each second, and time that passes only here.
class OverloadGuardTest : public testing::Test {
protected:
  overload_guard make(std::size_t max_in_flight = 4'096) {
    server_options options;
    options.max_in_flight = max_in_flight;
    options.max_wait = std::chrono::milliseconds{20};
    return overload_guard(options, now);
  }

  /// Lets time pass; `per_probe` requests begin and end in each 5 ms.
  void pass(overload_guard& guard, std::int64_t us, int per_probe, std::int64_t lag_us = 0) {
    for (const auto end = now + us; now < end;) {
      for (int n = 0; n < per_probe; ++n) {
        guard.started();
        guard.ended();
      }
      now += probe_us;
      guard.probed(lag_us, now);
    }
  }
  static void start(overload_guard& guard, int count) {
    for (int n = 0; n < count; ++n)
      guard.started();
  }
  int shed_of(overload_guard& guard, int count) {
    int shed = 0;
    for (int n = 0; n < count; ++n)
      shed += guard.must_shed(now);
    return shed;
  }
  /// A loop with 420 in flight at 20,000 answers each second, for too long.
  overload_guard make_overloaded() {
    auto guard = make();
    pass(guard, 1'000'000, 100);
    start(guard, 420);
    guard.must_shed(now);
    pass(guard, 60'000, 100);
    EXPECT_TRUE(guard.must_shed(now));
    return guard;
  }
  /// Somebody asks again and again, and is let in within that time.
  void pass_until_let_in(overload_guard& guard, std::int64_t us) {
    const auto limit = now + us;
    bool shed = true;
    while (shed && now < limit) {
      pass(guard, 20'000, 100);
      shed = guard.must_shed(now);
    }
    EXPECT_FALSE(shed);
  }
  static void end(overload_guard& guard, int count) {
    for (int n = 0; n < count; ++n)
      guard.ended();
  }

  std::int64_t now = 1'000'000;
};

TEST_F(OverloadGuardTest, LetsEverythingInWhileNothingWaits) {
  auto guard = make();
  pass(guard, 1'000'000, 100);
  EXPECT_EQ(shed_of(guard, 1'000), 0);
}

TEST_F(OverloadGuardTest, ShedsAtTheBoundAtOnce) {
  auto guard = make(10);
  start(guard, 9);
  EXPECT_FALSE(guard.must_shed(now));
  guard.started();
  EXPECT_TRUE(guard.must_shed(now));
  guard.ended();
  EXPECT_FALSE(guard.must_shed(now));
}

// 20,000 answers a second and 20 ms: 400 may be in flight.
TEST_F(OverloadGuardTest, ShedsWhatWouldWaitLongerThanTheLimit) {
  auto guard = make();
  pass(guard, 1'000'000, 100);
  start(guard, 390);
  EXPECT_FALSE(guard.must_shed(now));
  start(guard, 20);
  EXPECT_FALSE(guard.must_shed(now)) << "a burst is no overload yet";
  pass(guard, 60'000, 100);
  EXPECT_TRUE(guard.must_shed(now));
}

TEST_F(OverloadGuardTest, AFasterServiceMayHaveMoreInFlight) {
  auto guard = make();
  pass(guard, 1'000'000, 500); // 100,000 each second: 2,000
  start(guard, 1'500);
  guard.must_shed(now);
  pass(guard, 60'000, 500);
  EXPECT_FALSE(guard.must_shed(now));
}

TEST_F(OverloadGuardTest, AFewHundredClientsAreWelcomeHoweverSlowTheAnswers) {
  auto guard = make();
  pass(guard, 1'000'000, 5);
  start(guard, 300);
  guard.must_shed(now);
  pass(guard, 500'000, 0);
  EXPECT_FALSE(guard.must_shed(now));
}

TEST_F(OverloadGuardTest, LetsInAgainAsSoonAsThereIsRoom) {
  auto guard = make_overloaded();
  end(guard, 360);
  EXPECT_FALSE(guard.must_shed(now));
  start(guard, 10);
  EXPECT_TRUE(guard.must_shed(now)) << "the overload goes on: no new patience";
}

// A full queue would only make everybody wait for 20 ms instead of 3.
TEST_F(OverloadGuardTest, KeepsTheQueueShortInAnOverload) {
  auto guard = make_overloaded();
  end(guard, 420 - 64);
  EXPECT_TRUE(guard.must_shed(now));
  guard.ended();
  EXPECT_FALSE(guard.must_shed(now));
}

TEST_F(OverloadGuardTest, TheModestAreLetInWhereOthersAreShed) {
  auto guard = make_overloaded();
  EXPECT_TRUE(guard.must_shed(now, standing::modest)) << "not beyond twice the room";
  end(guard, 420 - 127);
  EXPECT_TRUE(guard.must_shed(now, standing::ordinary));
  EXPECT_FALSE(guard.must_shed(now, standing::modest));
}

TEST_F(OverloadGuardTest, TheImpatientAreShedInAnOverloadOnly) {
  auto calm = make();
  EXPECT_FALSE(calm.must_shed(now, standing::impatient));
  auto guard = make_overloaded();
  end(guard, 420);
  EXPECT_TRUE(guard.must_shed(now, standing::impatient));
}

TEST_F(OverloadGuardTest, IsOverWhenNothingHadToBeShedForASecond) {
  auto guard = make_overloaded();
  end(guard, 370);
  pass(guard, 900'000, 100);
  EXPECT_TRUE(guard.is_overloaded());
  pass(guard, 200'000, 100);
  EXPECT_FALSE(guard.is_overloaded());
  start(guard, 280);
  EXPECT_FALSE(guard.must_shed(now));
}

// 300 clients who come back as soon as they may: they would be shed for ever, though there is room for all.
TEST_F(OverloadGuardTest, NowAndThenItIsTriedWithoutShedding) {
  auto guard = make_overloaded();
  end(guard, 120);
  pass_until_let_in(guard, 1'200'000);
  EXPECT_TRUE(guard.must_shed(now, standing::impatient)) << "what has waited for long is no part of it";
  pass(guard, 1'000'000, 100);
  EXPECT_FALSE(guard.must_shed(now));
}

TEST_F(OverloadGuardTest, AnOverloadThatStaysIsTriedMoreAndMoreRarely) {
  auto guard = make();
  pass(guard, 100'000, 100, 40'000);
  int trials = 0;
  for (const auto end = now + 60'000'000; now < end;) {
    const bool was_overloaded = guard.is_overloaded();
    shed_of(guard, 100);
    pass(guard, probe_us, 100, 40'000);
    trials += was_overloaded && !guard.is_overloaded();
  }
  EXPECT_GE(trials, 4);
  EXPECT_LE(trials, 6);
}

TEST_F(OverloadGuardTest, WhereManyAreHeldBackItIsHardlyEverTried) {
  auto guard = make_overloaded();
  end(guard, 360);
  for (int n = 0; n < 400; ++n)
    guard.held_back();
  const auto begun = now;
  start(guard, 10);
  bool shed = true;
  while (shed && now < begun + 29'000'000) {
    pass(guard, 20'000, 100);
    shed = guard.must_shed(now);
  }
  EXPECT_TRUE(shed);
  for (int n = 0; n < 400; ++n)
    guard.let_go();
  pass_until_let_in(guard, 3'000'000);
}

TEST_F(OverloadGuardTest, OneLateProbeShedsNothing) {
  auto guard = make();
  pass(guard, probe_us, 100, 45'000);
  EXPECT_EQ(shed_of(guard, 100), 0);
}

TEST_F(OverloadGuardTest, ShedsAGrowingShareWhileTheLoopIsBehind) {
  auto guard = make();
  pass(guard, 100'000, 100, 40'000);
  const auto early = shed_of(guard, 100);
  pass(guard, 50'000, 100, 40'000);
  const auto later = shed_of(guard, 100);
  EXPECT_GT(early, 0);
  EXPECT_GT(later, early);
  pass(guard, 2'000'000, 100, 0);
  EXPECT_EQ(shed_of(guard, 100), 0);
}

} // namespace
} // namespace tessera::http::test
