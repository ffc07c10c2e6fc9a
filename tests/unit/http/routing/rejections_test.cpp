#include "http/routing/rejections.hpp"

#include <gtest/gtest.h>

namespace tessera::http {

TEST(RejectionsTest, OfReversals) {
  EXPECT_EQ(404u, problem_of(errc::transaction_unknown).status);
  EXPECT_EQ(403u, problem_of(errc::not_the_spender).status);
  EXPECT_EQ(422u, problem_of(errc::nothing_to_reverse).status);
  EXPECT_EQ(422u, problem_of(errc::lots_expire_before_invitation).status);
  const auto outrun = problem_of(errc::reversed_meanwhile);
  EXPECT_EQ(503u, outrun.status);
  EXPECT_TRUE(outrun.retry_after_seconds.has_value());
}

TEST(RejectionsTest, SaysWhatIsLeftToReverse) {
  rejection why{errc::nothing_to_reverse};
  why.requested = credits{51};
  why.would_allow = credits{50};

  EXPECT_EQ(R"("requested":51,"wouldAllow":50)", problem_of(why).extensions);
}

TEST(RejectionsTest, SaysWhatStoodInTheWay) {
  rejection why{errc::entity_frozen};
  why.blocker = blocked_by::frozen;
  why.requested = credits{5};
  why.available = credits{7};

  EXPECT_EQ(
      R"("blockedBy":{"kind":"frozen","entityType":"location","entityId":"loc-1","application":"crm"},)"
      R"("requested":5,"availableCredits":7,"wouldAllow":0)",
      problem_of(why, {entity_type::location, "loc-1"}, "crm").extensions
  );
}

} // namespace tessera::http
