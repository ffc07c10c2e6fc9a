#include "actors/domain/invitation_limits.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1'000'000s};

TEST(InvitationSendLimitsTest, AreThoseOfTheTable) {
  const auto shipped = limits_of_sending(1, false);
  EXPECT_EQ(shipped.inviter.most, 30);
  EXPECT_EQ(shipped.inviter.window, 600s);
  EXPECT_EQ(shipped.inviter_day.most, 100);
  EXPECT_EQ(shipped.tenant_day.most, 500);
  EXPECT_EQ(shipped.recipient.most, 3);
  EXPECT_EQ(shipped.recipient_all.most, 10);
  EXPECT_EQ(shipped.pending, 1'000);
  EXPECT_EQ(limits_of_sending(1, true).tenant_day.most, 100) << "of a young tenant";
}

TEST(InvitationSendLimitsTest, AreScaledAndLeaveOneAtLeast) {
  EXPECT_EQ(limits_of_sending(2, false).inviter.most, 60);
  EXPECT_EQ(limits_of_sending(0.001, false).recipient.most, 1);
  EXPECT_GT(limits_of_sending(1'000'000, false).recipient.most, most_counted) << "off";
}

TEST(InvitationSendLimitsTest, AllAreBackAWindowAfterTheNewest) {
  const send_limit limit{"some", 3, 600s};

  const auto unused = use_of(limit, {}, now);
  EXPECT_EQ(unused.left, 3);
  EXPECT_EQ(unused.reset, 0s);
  const auto used = use_of(limit, {2, now - 100s, {}}, now);
  EXPECT_EQ(used.left, 1);
  EXPECT_EQ(used.reset, 500s);
}

TEST(InvitationSendLimitsTest, ThereIsRoomWhenTheOneInTheWayIsOutOfTheWindow) {
  const send_limit limit{"some", 3, 600s};

  const auto none = use_of(limit, {5, now - 1s, now - 599s}, now);

  EXPECT_EQ(none.left, 0);
  EXPECT_EQ(none.reset, 1s);
  EXPECT_EQ(use_of(limit, {3, now, now - 600s}, now).reset, 1s) << "never at once";
}

TEST(InvitationSendLimitsTest, CountTheOneThatIsSentNow) {
  const send_limit limit{"some", 3, 600s};

  const auto first = use_after(limit, {}, now);
  EXPECT_EQ(first.left, 2);
  EXPECT_EQ(first.reset, 600s);
  const auto last = use_after(limit, {2, now - 10s, {}, now - 100s}, now);
  EXPECT_EQ(last.left, 0);
  EXPECT_EQ(last.reset, 500s) << "when the oldest is out of the window";
  EXPECT_EQ(use_after({"one", 1, 600s}, {}, now).reset, 600s);
}

} // namespace
} // namespace tessera::test
