#include "actors/domain/reversed_payments.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

namespace tessera {

namespace {

using kind = payment_news::kind;

reversal_facts a_purchase(std::int64_t bought, std::int64_t paid) {
  reversal_facts facts;
  facts.purchase.bought = credits{bought};
  facts.purchase.amount_minor = paid;
  return facts;
}

payment_news refund(const std::string& id, std::int64_t amount, const std::string& state = "succeeded") {
  payment_news said;
  said.what = kind::refund;
  said.object_id = id;
  said.amount_minor = amount;
  said.state = state;
  return said;
}

payment_news dispute(const std::string& state, const std::string& event = {}) {
  payment_news said;
  said.what = kind::dispute;
  said.object_id = "dp_1";
  said.amount_minor = 100;
  said.state = state;
  said.event_kind = event;
  return said;
}

payment_news charge(std::int64_t refunded) {
  payment_news said;
  said.what = kind::refunded;
  said.refunded_minor = refunded;
  return said;
}

void learn(reversal_facts& facts, const payment_news& said) {
  if (said.what == kind::refund) {
    const auto before = std::ranges::find(facts.seen, said.object_id, &seen_refund::object_id);
    if (before == facts.seen.end()) return facts.seen.push_back(after(seen_refund{}, said));
    *before = after(*before, said);
  } else if (said.what == kind::dispute) {
    const auto before = std::ranges::find(facts.disputes, said.object_id, &seen_dispute::dispute_id);
    if (before == facts.disputes.end()) return facts.disputes.push_back(after(seen_dispute{}, said));
    *before = after(*before, said);
  } else {
    facts.purchase.refund_seen_minor = std::max(facts.purchase.refund_seen_minor, said.refunded_minor);
  }
}

/// Clawed after each piece of news, as the desk does.
std::pair<std::int64_t, std::string> end_of(const std::vector<payment_news>& told) {
  auto facts = a_purchase(1000, 100);
  for (const auto& said : told) {
    learn(facts, said);
    const auto target = clawback_target(facts);
    const auto clawed = clawed_units(facts);
    if (target > clawed) facts.given.push_back({{}, {}, "", "claw", target - clawed, false, false, {}, 1});
    if (target < clawed)
      facts.given.push_back({{}, {}, "", "reinstate", clawed - target, false, false, {}, 1});
  }
  return {clawed_units(facts).value(), status_of(facts)};
}

std::set<std::pair<std::int64_t, std::string>> ends_of(const std::vector<payment_news>& told) {
  std::vector<std::size_t> order(told.size());
  std::iota(order.begin(), order.end(), 0);
  std::set<std::pair<std::int64_t, std::string>> ends;
  do {
    std::vector<payment_news> turned;
    for (const auto at : order)
      turned.push_back(told[at]);
    ends.insert(end_of(turned));
  } while (std::next_permutation(order.begin(), order.end()));
  return ends;
}

using end = std::set<std::pair<std::int64_t, std::string>>;

} // namespace

TEST(ReversedPaymentsTest, WhatWasPaidBeyondThePriceGoesBackFirst) {
  auto facts = a_purchase(1000, 5000);
  facts.purchase.paid_minor = 6000;
  facts.purchase.refund_seen_minor = 1000;
  EXPECT_EQ(0, clawback_target(facts).value());
  EXPECT_EQ("completed", status_of(facts));
  EXPECT_EQ(5000, money_for(facts, credits{1000}));
  facts.purchase.refund_seen_minor = 3500;
  EXPECT_EQ(500, clawback_target(facts).value());
  facts.purchase.refund_seen_minor = 6000;
  EXPECT_EQ(1000, clawback_target(facts).value());
  EXPECT_EQ("refunded", status_of(facts));
}

TEST(ReversedPaymentsTest, WhatCostLessIsGivenBackByWhatItCost) {
  auto facts = a_purchase(1000, 5000);
  facts.purchase.paid_minor = 4000;
  EXPECT_EQ(4000, money_for(facts, credits{1000}));
  facts.purchase.refund_seen_minor = 2000;
  EXPECT_EQ(500, clawback_target(facts).value());
  facts.purchase.refund_seen_minor = 4000;
  EXPECT_EQ(1000, clawback_target(facts).value());
  EXPECT_EQ("refunded", status_of(facts));
}

TEST(ReversedPaymentsTest, EveryOrderOfEventsEndsTheSame) {
  EXPECT_EQ(
      (end{{300, "partially_refunded"}}), ends_of({refund("re_1", 30), refund("re_1", 30), charge(30)})
  );
  EXPECT_EQ(
      (end{{1000, "refunded"}}),
      ends_of({refund("re_1", 30), refund("re_2", 70), charge(30), charge(100), refund("re_1", 30)})
  );
  EXPECT_EQ(
      (end{{1000, "charged_back"}}),
      ends_of(
          {dispute("needs_response", "created"),
           dispute("under_review"),
           dispute("lost", "closed"),
           charge(0)}
      )
  );
  EXPECT_EQ(
      (end{{0, "completed"}}),
      ends_of({dispute("needs_response", "created"), dispute("under_review"), dispute("won", "closed")})
  );
  EXPECT_EQ(
      (end{{300, "partially_refunded"}}),
      ends_of(
          {refund("re_1", 30),
           charge(30),
           dispute("needs_response", "created"),
           dispute("won", "closed"),
           dispute("won", "funds_reinstated")}
      )
  );
  EXPECT_EQ((end{{0, "completed"}}), ends_of({refund("re_1", 30), charge(30), refund("re_1", 30, "failed")}));
}

TEST(ReversedPaymentsTest, PartsNeverLoseOrMakeAMinorUnit) {
  for (const std::int64_t bought : {1, 3, 7, 1000, 99'991})
    for (const std::int64_t paid : {1, 100, 4'999, 1'000'003}) {
      auto facts = a_purchase(bought, paid);
      std::int64_t returned = 0;
      for (std::int64_t left = bought, part = 1; left > 0; left -= part) {
        part = std::min(left, part * 2);
        own_refund next;
        next.units = credits{part};
        next.amount_minor = money_for(facts, next.units);
        next.state = "succeeded";
        returned += next.amount_minor;
        EXPECT_LE(returned, paid);
        facts.refunds.push_back(next);
      }
      EXPECT_EQ(paid, returned) << bought << " for " << paid;
      EXPECT_TRUE(refundable_units(facts).is_zero());
      EXPECT_EQ("refunded", status_of(facts));
    }
}

TEST(ReversedPaymentsTest, PartsOfThreeDecimalsAreWhatTheProviderCanMove) {
  auto facts = a_purchase(3, 10'000);
  facts.purchase.method = "stripe";
  facts.purchase.currency = "KWD";
  for (const std::int64_t amount : {3'330, 3'330, 3'340}) {
    own_refund next;
    next.units = credits{1};
    next.amount_minor = money_for(facts, next.units);
    next.state = "succeeded";
    EXPECT_EQ(amount, next.amount_minor);
    facts.refunds.push_back(next);
  }
  facts.refunds.clear();
  facts.purchase.method = "invoice"; // nobody moves it but people
  EXPECT_EQ(3'333, money_for(facts, credits{1}));
}

TEST(ReversedPaymentsTest, WhatAProviderPaidBackWeDoNotPayBackAgain) {
  auto facts = a_purchase(1000, 100);
  learn(facts, refund("re_1", 40));
  EXPECT_EQ(credits{400}, clawback_target(facts));
  facts.given.push_back({{}, {}, "", "claw", credits{400}, false, false, {}, 1});
  EXPECT_EQ(credits{600}, refundable_units(facts));
  EXPECT_EQ(60, money_for(facts, credits{600}));
}

TEST(ReversedPaymentsTest, OurOwnRefundsAreNotClawedBackOnTop) {
  auto facts = a_purchase(1000, 100);
  own_refund ours;
  ours.refund_id = "ref-1";
  ours.units = credits{500};
  ours.amount_minor = 50;
  ours.state = "paying";
  facts.refunds.push_back(ours);
  EXPECT_TRUE(is_in_between(facts));
  facts.refunds.front().state = "succeeded";
  auto seen = refund("re_1", 50);
  seen.refund_id = "ref-1";
  learn(facts, seen);
  learn(facts, charge(50));
  EXPECT_TRUE(clawback_target(facts).is_zero());
  learn(facts, charge(100));
  EXPECT_EQ(credits{500}, clawback_target(facts));
}

TEST(ReversedPaymentsTest, OnlyWhatEndedWhileItWasHeldIsMadeUpFor) {
  const auto told = [](const std::string& kind, std::int64_t fulfilled, bool refused = false) {
    return given_instruction{{}, {}, "dp_1", kind, credits{0}, false, refused, credits{fulfilled}, 1};
  };
  auto facts = a_purchase(1000, 100);
  EXPECT_TRUE(ended_while_held(facts, "dp_1").is_zero());
  facts.given = {told("dispute_hold", 1000)}; // a clawback took it, and nobody let it go
  EXPECT_TRUE(ended_while_held(facts, "dp_1").is_zero());
  facts.given = {told("dispute_hold", 1000), told("let_go", 0, true)}; // or was first
  EXPECT_TRUE(ended_while_held(facts, "dp_1").is_zero());
  facts.given = {told("dispute_hold", 1000), told("let_go", 600), told("let_go", 100)};
  EXPECT_EQ(credits{300}, ended_while_held(facts, "dp_1"));
  EXPECT_TRUE(ended_while_held(facts, "dp_2").is_zero());
}

TEST(ReversedPaymentsTest, WhatIsLostAndReinstatedEndsAsIfNothingHadBeen) {
  EXPECT_EQ(
      (end{{0, "completed"}}),
      ends_of(
          {dispute("needs_response", "created"),
           dispute("lost", "closed"),
           dispute("lost", "funds_reinstated"),
           dispute("lost", "closed")}
      )
  );
}

TEST(ReversedPaymentsTest, ADisputeThatIsNeitherWonNorLostIsOver) {
  EXPECT_EQ(
      (end{{0, "completed"}}),
      ends_of(
          {dispute("warning_needs_response", "created"),
           dispute("needs_response", "updated"),
           dispute("warning_closed", "closed")}
      )
  );
  // What is lost after all counts.
  EXPECT_EQ(
      (end{{1000, "charged_back"}}),
      ends_of(
          {dispute("needs_response", "created"), dispute("prevented", "closed"), dispute("lost", "closed")}
      )
  );
  seen_dispute seen = after(seen_dispute{}, dispute("warning_under_review", "updated"));
  EXPECT_EQ(dispute_phase::inquiry, seen.phase);
  EXPECT_FALSE(is_decided(seen.phase));
  EXPECT_TRUE(is_decided(after(seen, dispute("charge_refunded", "updated")).phase));
}

TEST(ReversedPaymentsTest, WhatIsPartlyReversedTakesTheWholeUnitsOfIt) {
  auto facts = a_purchase(3, 100);
  for (const auto& [amount, units] :
       {std::pair{33, 0}, std::pair{34, 1}, std::pair{99, 2}, std::pair{100, 3}}) {
    auto now = facts;
    learn(now, charge(amount));
    EXPECT_EQ(credits{units}, clawback_target(now)) << amount;
  }
}

} // namespace tessera
