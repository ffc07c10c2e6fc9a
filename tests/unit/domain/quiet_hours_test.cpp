#include "actors/domain/quiet_hours.hpp"

#include <gtest/gtest.h>

namespace tessera {

namespace {

using namespace std::chrono_literals;

std::chrono::minutes at(const char* text) {
  return minutes_of(text).value();
}
std::chrono::minutes quiet(const char* now, const char* from = "21:00", const char* to = "08:00") {
  return quiet_for(at(now), at(from), at(to));
}

} // namespace

TEST(QuietHoursTest, LastOverMidnight) {
  EXPECT_EQ(0min, quiet("20:59"));
  EXPECT_EQ(11h, quiet("21:00"));
  EXPECT_EQ(8h + 1min, quiet("23:59"));
  EXPECT_EQ(8h, quiet("00:00"));
  EXPECT_EQ(1min, quiet("07:59"));
  EXPECT_EQ(0min, quiet("08:00"));
}

TEST(QuietHoursTest, MayBeWithinADay) {
  EXPECT_EQ(0min, quiet("11:59", "12:00", "14:00"));
  EXPECT_EQ(90min, quiet("12:30", "12:00", "14:00"));
  EXPECT_EQ(0min, quiet("14:00", "12:00", "14:00"));
}

TEST(QuietHoursTest, TwoThatAreTheSameAreNone) {
  for (const auto* now : {"00:00", "09:00", "21:00", "23:59"})
    EXPECT_EQ(0min, quiet(now, "09:00", "09:00")) << now;
}

TEST(QuietHoursTest, EveryMinuteOfADayEndsTheSame) {
  for (auto now = 0min; now < 24h; ++now)
    if (const auto left = quiet_for(now, at("21:00"), at("08:00")); left > 0min) {
      EXPECT_EQ(8h, (now + left) % 24h) << now.count();
      EXPECT_EQ(0min, quiet_for((now + left) % 24h, at("21:00"), at("08:00")));
    }
}

TEST(QuietHoursTest, HoldRemindersAndAlertsAndWhatPolicySays) {
  for (const auto* kind : {"invitation.reminded", "credits.low", "credits.depleted", "credits.expiring"}) {
    EXPECT_TRUE(keeps_quiet(kind, false)) << kind;
    EXPECT_TRUE(keeps_quiet(kind, true)) << kind;
  }
  for (const auto* kind : {"invitation.created", "invitation.resent"}) {
    EXPECT_FALSE(keeps_quiet(kind, false)) << kind;
    EXPECT_TRUE(keeps_quiet(kind, true)) << kind;
  }
  for (const auto* kind :
       {"credits.purchased", "auth.password_forgotten", "auth.email_unverified", "invitation.accepted"})
    EXPECT_FALSE(keeps_quiet(kind, true)) << kind;
}

TEST(QuietHoursTest, KnowTimesOfTheClock) {
  EXPECT_EQ(21h, minutes_of("21:00"));
  EXPECT_EQ(23h + 59min, minutes_of("23:59"));
  for (const auto* text : {"", "24:00", "9:00", "09:60", "ab:cd", "09-00", "09:000", "0:900"})
    EXPECT_FALSE(minutes_of(text)) << text;
}

} // namespace tessera
