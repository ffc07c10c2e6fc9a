#include "actors/domain/alerts.hpp"
#include "actors/domain/reversals.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto now = start_of_test;

alert_threshold at(std::int64_t amount) {
  return {credits{amount}, 0};
}
alert_threshold part(std::int64_t percent) {
  return {{}, percent};
}

/// What is told when the decision is carried out; `0`: that nothing is left.
std::vector<std::string>
told(credit_account& account, const std::vector<alert_threshold>& thresholds, const decided& events) {
  const auto before = level_of(account, thresholds);
  for (const auto& event : events)
    evolve(account, event);
  std::vector<std::string> alerts;
  for (const auto& each : alerts_between(before, account, thresholds)) {
    EXPECT_EQ(each.account, account.id);
    EXPECT_EQ(each.seq, account.seq);
    alerts.push_back(each.fell_to ? to_string(*each.fell_to) : "0");
  }
  return alerts;
}
std::vector<std::string>
spend(credit_account& account, const std::vector<alert_threshold>& thresholds, std::int64_t amount) {
  return told(account, thresholds, *decide(account, consume(amount), account.booked_at + 1s));
}
std::vector<std::string> receive_lot(
    credit_account& account,
    const std::vector<alert_threshold>& thresholds,
    std::uint32_t n,
    std::int64_t amount
) {
  return told(account, thresholds, *decide(account, receive(a_lot(n, amount)), account.booked_at + 1s));
}

TEST(AlertTest, IsTrueAtTheThresholdAndNotAboveIt) {
  auto account = an_account().with_lot(100).build();
  EXPECT_THAT(spend(account, {at(40)}, 59), IsEmpty());
  EXPECT_THAT(spend(account, {at(40)}, 1), ElementsAre("40"));
}

TEST(AlertTest, IsToldOnceForEachFall) {
  auto account = an_account().with_lot(100).build();
  EXPECT_THAT(spend(account, {at(50)}, 60), ElementsAre("50"));
  EXPECT_THAT(spend(account, {at(50)}, 10), IsEmpty());
  EXPECT_THAT(receive_lot(account, {at(50)}, 2, 20), IsEmpty()) << "it has 50: no more than the threshold";
  EXPECT_THAT(spend(account, {at(50)}, 1), IsEmpty());
  EXPECT_THAT(receive_lot(account, {at(50)}, 3, 2), IsEmpty());
  EXPECT_THAT(spend(account, {at(50)}, 1), ElementsAre("50"));
}

TEST(AlertTest, AFallPastSeveralIsToldOfEach) {
  auto account = an_account().with_lot(100).build();
  EXPECT_THAT(spend(account, {at(10), at(80), at(50)}, 55), ElementsAre("80", "50"));
  EXPECT_THAT(spend(account, {at(10), at(80), at(50)}, 45), ElementsAre("10", "0"));
}

TEST(AlertTest, ThatNothingIsLeftIsToldWhateverWasChosen) {
  auto account = an_account().with_lot(100).build();
  EXPECT_THAT(spend(account, {}, 99), IsEmpty());
  EXPECT_THAT(spend(account, {}, 1), ElementsAre("0"));
}

TEST(AlertTest, EveryWayDownCounts) {
  auto account = an_account().with_lot(60, expires_in(1h)).with_lot(40).build();
  EXPECT_THAT(told(account, {at(45)}, decide(account, expire_lots{}, now + 2h)), ElementsAre("45"));
  auto other = an_account().with_lot(100).build();
  EXPECT_THAT(told(other, {at(45)}, *decide(other, hold(70), now)), ElementsAre("45"));
  EXPECT_THAT(told(other, {at(45)}, *decide(other, release(2), now + 1s)), IsEmpty());
  EXPECT_THAT(spend(other, {at(45)}, 70), ElementsAre("45"));
}

TEST(AlertTest, APartIsOfWhatLiveLotsWere) {
  auto account = an_account().with_lot(100).with_lot(100).build();
  EXPECT_THAT(spend(account, {part(20)}, 159), IsEmpty()) << "the first lot is empty: 41 of 100 are left";
  EXPECT_THAT(spend(account, {part(20)}, 20), IsEmpty());
  EXPECT_THAT(spend(account, {part(20)}, 1), ElementsAre("20%"));
}

TEST(AlertTest, ARiseIsNoFallWhateverBecomesOfThePart) {
  auto account = an_account().with_lot(1'000).with_lot(400).build();
  const auto spent = *decide(account, consume(1'000), now);
  EXPECT_THAT(told(account, {part(20)}, spent), IsEmpty());
  EXPECT_THAT(spend(account, {part(20)}, 300), IsEmpty());
  auto back = as_reversible(spent.back().booked, {a_lot(1, 1'000)});
  back.as_of = account.seq;
  const auto reversed = decide(account, reverse(back, 10), account.booked_at + 1s);
  ASSERT_TRUE(reversed.ok());
  EXPECT_THAT(told(account, {part(20)}, *reversed), IsEmpty()) << "110 of 1,400 are less than a fifth";
}

TEST(AlertTest, ThresholdsHaveAForm) {
  for (const auto* text : {"1", "250", "9007199254740991", "1%", "99%"})
    EXPECT_EQ(to_string(*parse_alert_threshold(text)), text);
  for (const auto* text : {"", "0", "-1", "0%", "100%", "%", "1 ", "9007199254740992", "x"})
    EXPECT_FALSE(parse_alert_threshold(text)) << text;
}

/// Of any history as many alerts as there are entries that took the balance from above to or below.
RC_GTEST_PROP(AlertProperty, ThereAreAsManyAsDownwardCrossings, ()) {
  const auto threshold = *rc::gen::inRange<std::int64_t>(1, 60);
  const std::vector<alert_threshold> thresholds{at(threshold)};
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-40, 40));
  auto account = an_account().with_lot(50).build();
  int lows = 0;
  int empties = 0;
  int low_alerts = 0;
  int empty_alerts = 0;
  std::uint32_t n = 100;
  for (const auto step : steps) {
    if (step == 0) continue;
    const auto before = account.totals.now.available.value();
    const auto at = account.booked_at + 1s;
    auto outcome =
        step < 0 ? decide(account, consume(-step), at) : decide(account, receive(a_lot(++n, step)), at);
    if (!outcome.ok()) continue;
    for (const auto& alert : told(account, thresholds, *outcome))
      ++(alert == "0" ? empty_alerts : low_alerts);
    const auto after = account.totals.now.available.value();
    lows += before > threshold && after <= threshold;
    empties += before > 0 && after == 0;
  }
  RC_ASSERT(lows == low_alerts);
  RC_ASSERT(empties == empty_alerts);
}

} // namespace
} // namespace tessera::test
