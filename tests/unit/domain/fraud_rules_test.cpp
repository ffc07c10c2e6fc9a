#include "actors/domain/fraud_rules.hpp"

#include <gtest/gtest.h>

namespace tessera {

namespace {

using enum fraud_rule_kind;

std::vector<fraud_rule>
only(fraud_rule_kind kind, std::int64_t limit, fraud_action action = fraud_action::hold) {
  return {{kind, action, limit}};
}

} // namespace

TEST(FraudRulesTest, EachRuleFlagsWhatIsBeyondItsLimit) {
  struct row {
    fraud_rule_kind kind;
    std::int64_t limit;
    purchase_history fine;
    purchase_history flagged;
    std::int64_t observed;
  };
  const row table[] = {
      {purchases_per_hour, 5, {.purchases_last_hour = 4}, {.purchases_last_hour = 5}, 6},
      {purchases_per_hour_from_network,
       2,
       {.purchases_last_hour_from_network = 1},
       {.purchases_last_hour_from_network = 2},
       3},
      {amount_minor_per_day,
       1'000,
       {.amount_minor_last_day = 400, .amount_minor = 600},
       {.amount_minor_last_day = 401, .amount_minor = 600},
       1'001},
      {first_purchase_above, 1'000, {.amount_minor = 1'000}, {.amount_minor = 1'001}, 1'001},
      {first_purchase_above, 0, {.paid_purchases = 1, .amount_minor = 9'999}, {.amount_minor = 1}, 1},
      {declines_per_hour, 3, {.declines_last_hour = 2}, {.declines_last_hour = 3}, 3},
      {chargebacks, 1, {.chargebacks = 0}, {.chargebacks = 1}, 1},
  };
  for (const auto& each : table) {
    EXPECT_TRUE(judge(each.fine, only(each.kind, each.limit)).empty()) << to_string(each.kind);
    const auto hits = judge(each.flagged, only(each.kind, each.limit));
    ASSERT_EQ(1u, hits.size()) << to_string(each.kind);
    EXPECT_EQ(each.observed, hits.front().observed) << to_string(each.kind);
    EXPECT_TRUE(judge(each.flagged, only(each.kind, each.limit, fraud_action::off)).empty());
  }
}

TEST(FraudRulesTest, TheStrictestActionCounts) {
  const purchase_history known{.purchases_last_hour = 9, .declines_last_hour = 9};
  auto rules = only(purchases_per_hour, 1, fraud_action::log);
  EXPECT_EQ(fraud_action::log, strictest(judge(known, rules)));
  rules.push_back({declines_per_hour, fraud_action::block, 1});
  EXPECT_EQ(fraud_action::block, strictest(judge(known, rules)));
  EXPECT_EQ(fraud_action::off, strictest({}));
}

TEST(FraudRulesTest, NothingIsStoppedUntilSomebodySaysSo) {
  const auto rules = default_fraud_rules();
  EXPECT_EQ(6u, rules.size());
  EXPECT_FALSE(may_stop(rules));
  const auto said = with_rules(rules, only(chargebacks, 1));
  EXPECT_TRUE(may_stop(said));
  EXPECT_EQ(6u, said.size());
  EXPECT_EQ(rules.front(), said.front());
}

TEST(FraudRulesTest, WordsAreReadAsTheyAreWritten) {
  for (const auto& rule : default_fraud_rules())
    EXPECT_EQ(rule.kind, parse_fraud_rule(to_string(rule.kind)));
  for (const auto action :
       {fraud_action::off, fraud_action::log, fraud_action::alert, fraud_action::hold, fraud_action::block})
    EXPECT_EQ(action, parse_fraud_action(to_string(action)));
  EXPECT_FALSE(parse_fraud_action("Hold"));
  EXPECT_FALSE(parse_fraud_rule(""));
}

} // namespace tessera
