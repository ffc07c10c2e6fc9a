#include "actors/providers/refresh_times.hpp"

#include <gtest/gtest.h>

namespace tessera {

namespace {

using namespace std::chrono_literals;

const refresh_times::instant start{1'000h};

/// Those of something that was fetched at the start and was good.
refresh_times fetched_at_start() {
  refresh_times times(start);
  times.begin(start);
  times.end(start + 1s, true);
  return times;
}

/// Fetches whenever it is due until `end`, while somebody wishes every 100 ms. Returns how often.
int fetches_under_a_storm(refresh_times times, refresh_times::instant end) {
  int fetches = 0;
  for (auto now = start + 2s; now < end; now += 100ms) {
    times.wish(now);
    if (times.due() > now) continue;
    times.begin(now);
    times.wish(now); // while it is under way
    times.end(now, true);
    ++fetches;
  }
  return fetches;
}

} // namespace

TEST(RefreshTimesTest, IsDueAtOnceAndThenEveryTenMinutes) {
  EXPECT_EQ(start, refresh_times(start).due());
  EXPECT_EQ(start + 601s, fetched_at_start().due());
}

TEST(RefreshTimesTest, IsDueAfterAMinuteWhenItFailed) {
  auto times = fetched_at_start();
  times.begin(start + 601s);
  times.end(start + 606s, false);
  EXPECT_EQ(start + 666s, times.due());
}

TEST(RefreshTimesTest, TheFirstWishIsGrantedAtOnce) {
  auto times = fetched_at_start();
  times.wish(start + 2s);
  EXPECT_EQ(start + 2s, times.due());
}

TEST(RefreshTimesTest, TheNextWishWaitsForItsMinute) {
  auto times = fetched_at_start();
  times.wish(start + 2s);
  times.begin(start + 2s);
  times.end(start + 3s, true);
  EXPECT_EQ(start + 603s, times.due());
  times.wish(start + 4s);
  EXPECT_EQ(start + 62s, times.due());
  times.wish(start + 30s); // does not put it off
  EXPECT_EQ(start + 62s, times.due());
}

TEST(RefreshTimesTest, AWishWhileAFetchIsUnderWayIsANewOne) {
  refresh_times times(start);
  times.begin(start);
  times.wish(start + 1s);
  times.end(start + 2s, true);
  EXPECT_EQ(start + 1s, times.due());
}

TEST(RefreshTimesTest, AFailureDoesNotPutAWishOff) {
  refresh_times times(start);
  times.begin(start);
  times.end(start + 1s, false);
  times.wish(start + 2s);
  EXPECT_EQ(start + 2s, times.due());
}

TEST(RefreshTimesTest, HoweverManyWishThereIsOneFetchAMinute) {
  EXPECT_EQ(60, fetches_under_a_storm(fetched_at_start(), start + 1h));
}

} // namespace tessera
