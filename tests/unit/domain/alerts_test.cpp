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
  const auto first = account.seq + 1;
  std::vector<std::string> alerts;
  for (const auto& each : evolve_and_tell(account, events, thresholds)) {
    EXPECT_EQ(each.account, account.id);
    EXPECT_GE(each.seq, first);
    EXPECT_LE(each.seq, account.seq);
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

/// What a hold gave back, and the spend took, in one write set: the balance before it was low already.
TEST(AlertTest, AFallWithinOneWriteSetIsTold) {
  auto account = an_account().with_lot(150).build();
  EXPECT_THAT(told(account, {at(100)}, *decide(account, hold(100, 60s), now)), ElementsAre("100"));
  const auto events = *decide(account, consume(100), now + 2min);
  ASSERT_EQ(types_of(events), (std::vector{entry_type::release, entry_type::spend}));
  const auto spent = events.back().booked.seq;
  const auto alerts = evolve_and_tell(account, events, std::vector{at(100)});
  ASSERT_EQ(alerts.size(), 1u);
  EXPECT_EQ(alerts.front().seq, spent) << "it was the spend";
  auto other = an_account().with_lot(100).build();
  EXPECT_THAT(told(other, {}, *decide(other, hold(100, 60s), now)), ElementsAre("0"));
  EXPECT_THAT(told(other, {}, *decide(other, consume(100), now + 2min)), ElementsAre("0"));
}

/// A plan's month ends and the next one begins: nobody could spend anything in between.
TEST(AlertTest, WhatRisesAgainInTheSameWriteSetDidNotFall) {
  auto account = an_account().with_lot(100, expires_in(1h)).build();
  const auto events = *decide(account, receive(a_lot(2, 100)), now + 2h);
  ASSERT_EQ(types_of(events), (std::vector{entry_type::expire, entry_type::purchase}));
  EXPECT_THAT(told(account, {at(40)}, events), IsEmpty());
  auto less = an_account().with_lot(100, expires_in(1h)).build();
  EXPECT_THAT(told(less, {at(40)}, *decide(less, receive(a_lot(2, 30)), now + 2h)), ElementsAre("40"));
}

TEST(AlertTest, WhatIsPaidOfADebtWasNeverThere) {
  auto account = an_account().with_debt(90).build();
  const auto events = *decide(account, receive(a_lot(1, 80)), now);
  ASSERT_EQ(types_of(events), (std::vector{entry_type::purchase, entry_type::debt_repaid}));
  EXPECT_THAT(told(account, {at(40)}, events), IsEmpty());
}

TEST(AlertTest, OfABatchTheItemThatFellIsTold) {
  auto account = an_account().with_lot(100).build();
  const auto events = *decide(account, consume(30), now);
  auto later = account;
  evolve(later, events.front());
  auto both = events;
  both.push_back(decide(later, consume(40), now + 1s)->front());
  const auto alerts = evolve_and_tell(account, both, std::vector{at(10), at(80), at(50)});
  ASSERT_EQ(alerts.size(), 2u);
  EXPECT_EQ(to_string(*alerts[0].fell_to), "80");
  EXPECT_EQ(alerts[0].seq, both[0].booked.seq);
  EXPECT_EQ(to_string(*alerts[1].fell_to), "50");
  EXPECT_EQ(alerts[1].seq, both[1].booked.seq);
}

TEST(AlertTest, WhatIsToldLateIsWhatIsThereIfItIsLowStill) {
  EXPECT_EQ(told_late(at(100), credits{90}, credits{3}), credits{3});
  EXPECT_EQ(told_late(at(100), credits{90}, credits{100}), credits{100});
  EXPECT_EQ(told_late(at(100), credits{90}, credits{101}), std::nullopt);
  EXPECT_EQ(told_late({}, credits{}, credits{}), credits{});
  EXPECT_EQ(told_late({}, credits{}, credits{1}), std::nullopt);
  EXPECT_EQ(told_late(part(20), credits{90}, credits{3}), credits{3});
  EXPECT_EQ(told_late(part(20), credits{90}, credits{500}), credits{90});
}

TEST(AlertTest, ThresholdsHaveAForm) {
  for (const auto* text : {"1", "250", "9007199254740991", "1%", "99%"})
    EXPECT_EQ(to_string(*parse_alert_threshold(text)), text);
  for (const auto* text : {"", "0", "-1", "0%", "100%", "%", "1 ", "9007199254740992", "x"})
    EXPECT_FALSE(parse_alert_threshold(text)) << text;
}

/// What of the entries the ledger itself says: how often one took the balance from above `threshold` to it or
/// below, and it was no better when the write set ended.
bool fell(std::int64_t before, const decided& events, std::int64_t threshold) {
  bool did = false;
  for (const auto& event : events) {
    const auto after = event.booked.after.available.value();
    did |= before > threshold && after <= threshold && event.booked.type != entry_type::debt_repaid;
    before = after;
  }
  return did && before <= threshold;
}

/// Of any history, with holds and lots that end by themselves, as many alerts as there are write sets that
/// took the balance from above to or below.
RC_GTEST_PROP(AlertProperty, ThereAreAsManyAsDownwardCrossings, ()) {
  const auto threshold = *rc::gen::inRange<std::int64_t>(1, 60);
  const std::vector<alert_threshold> thresholds{at(threshold)};
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-80, 80));
  auto account = an_account().with_lot(50).with_lot(20, expires_in(10s)).build();
  int lows = 0;
  int empties = 0;
  int low_alerts = 0;
  int empty_alerts = 0;
  std::uint32_t n = 100;
  for (const auto step : steps) {
    if (step == 0) continue;
    const auto before = account.totals.now.available.value();
    const auto at = account.booked_at + 1s;
    const auto outcome =
        step < -40  ? decide(account, consume(-step - 40), at)
        : step < 0  ? decide(account, hold(-step, 3s), at)
        : step < 40 ? decide(account, receive(a_lot(++n, step)), at)
                    : decide(account, receive(a_lot(++n, step - 39, expires_at(at + 1s * (step % 5)))), at);
    if (!outcome.ok()) continue;
    lows += fell(before, *outcome, threshold);
    empties += fell(before, *outcome, 0);
    for (const auto& alert : told(account, thresholds, *outcome))
      ++(alert == "0" ? empty_alerts : low_alerts);
  }
  RC_ASSERT(lows == low_alerts);
  RC_ASSERT(empties == empty_alerts);
}

} // namespace
} // namespace tessera::test
