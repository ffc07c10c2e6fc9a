#include "tests/support/actor_world.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <vector>

namespace tessera::test {
namespace {

TEST(PlacementTest, MakesOneActorForAnAccountHoweverManyAsk) {
  actor_world world;
  constexpr int threads = 8;
  constexpr std::uint32_t accounts = 50;
  std::vector<std::vector<std::shared_ptr<const actor_world::handle>>> found(threads);
  std::barrier start(threads);
  std::vector<std::thread> asking;
  for (auto& mine : found)
    asking.emplace_back([&] {
      start.arrive_and_wait();
      for (std::uint32_t n = 1; n <= accounts; ++n)
        mine.push_back(world.actor_of(numbered<account_id>(n)));
    });
  for (auto& thread : asking)
    thread.join();

  EXPECT_EQ(world.live_accounts(), accounts);
  for (const auto& mine : found)
    for (std::uint32_t n = 0; n < accounts; ++n)
      EXPECT_TRUE(world.is_same(*mine[n], *found[0][n]));
}

TEST(PlacementTest, TakesOnlyTheActorOutThatStandsThere) {
  actor_world world;
  const auto account = world.open_with(100);
  const auto first = world.actor_of(account);
  world.remove(account, *first);
  EXPECT_EQ(world.live_accounts(), 0u);

  const auto second = world.actor_of(account);
  EXPECT_FALSE(world.is_same(*first, *second));
  world.remove(account, *first); // late
  EXPECT_TRUE(world.is_same(*second, *world.actor_of(account)));
}

TEST(PlacementTest, MakesNothingNewOnceItIsClosed) {
  actor_world world;
  const auto live = world.open_with(100);
  const auto other = world.open_with(100);
  const auto before = world.actor_of(live);
  world.close_placement();
  EXPECT_TRUE(world.is_same(*before, *world.actor_of(live)));
  EXPECT_TRUE(world.is_nobody(*world.actor_of(other)));
}

} // namespace
} // namespace tessera::test
