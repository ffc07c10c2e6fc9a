#include "actors/domain/plans.hpp"

#include <gtest/gtest.h>

namespace tessera {

TEST(PlansTest, AreThoseOfTheBrief) {
  struct row {
    const char* id;
    std::int64_t included;
    std::int64_t price_minor;
  };
  for (const auto& [id, included, price] :
       {row{"free", 100, 0},
        row{"starter", 1'000, 5'000},
        row{"professional", 5'000, 22'500},
        row{"enterprise", 25'000, 100'000}}) {
    const auto* plan = find_plan(id);
    ASSERT_NE(nullptr, plan) << id;
    EXPECT_EQ(credits{included}, plan->included);
    EXPECT_EQ(price, plan->price_minor);
    EXPECT_EQ(3u, plan->features.size());
  }
  EXPECT_EQ(4u, subscription_plans().size());
  EXPECT_EQ(nullptr, find_plan("gold"));
}

TEST(PlansTest, NothingIsAddedBeyondTheLimit) {
  struct row {
    const char* plan;
    std::int64_t locations;
    std::int64_t applications;
    bool adds_locations;
    bool adds_applications;
    errc wanted;
  };
  for (const auto& each :
       {row{"free", 1, 1, true, true, errc::ok},
        row{"free", 2, 1, true, false, errc::plan_limit_reached},
        row{"free", 1, 2, false, true, errc::plan_limit_reached},
        row{"free", 9, 9, false, false, errc::ok}, // it was another plan once
        row{"free", 9, 1, false, true, errc::ok},
        row{"starter", 5, 900, true, true, errc::ok},
        row{"starter", 6, 1, true, false, errc::plan_limit_reached},
        row{"professional", 9'000, 900, true, true, errc::ok},
        row{"enterprise", 9'000, 900, true, true, errc::ok}})
    EXPECT_EQ(
        each.wanted,
        judge_usage(
            {each.plan, each.locations, each.applications}, each.adds_locations, each.adds_applications
        )
    ) << each.plan
      << " " << each.locations << " " << each.applications;
}

} // namespace tessera
