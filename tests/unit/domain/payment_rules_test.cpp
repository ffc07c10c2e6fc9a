#include "actors/domain/payment_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

namespace tessera {

namespace {

using kind = payment_news::kind;

payment_record a_purchase() {
  payment_record record;
  record.purchase_id = "pur-1";
  record.method = "stripe";
  record.status = "pending";
  record.bought = credits{1000};
  record.amount_minor = 5000;
  record.currency = "USD";
  return record;
}

payment_news news(kind what, const std::string& payment = "pi_1", const std::string& session = {}) {
  payment_news said;
  said.what = what;
  said.payment_id = payment;
  said.session_id = session;
  said.amount_minor = 5000;
  said.currency = "USD";
  return said;
}

/// What the purchase is in the end, and how often its credits were given.
std::pair<std::string, int> end_of(const std::vector<payment_news>& told) {
  auto record = a_purchase();
  int settled = 0;
  for (const auto& each : told) {
    auto change = after(std::move(record), each);
    settled += change.settles ? 1 : 0;
    record = std::move(change.after);
  }
  return {record.settled ? "settled" : record.status, settled};
}

std::set<std::pair<std::string, int>> ends_of(std::vector<payment_news> told) {
  std::vector<std::size_t> order(told.size());
  std::iota(order.begin(), order.end(), 0);
  std::set<std::pair<std::string, int>> ends;
  do {
    std::vector<payment_news> turned;
    for (const auto at : order)
      turned.push_back(told[at]);
    ends.insert(end_of(turned));
  } while (std::next_permutation(order.begin(), order.end()));
  return ends;
}

} // namespace

TEST(PaymentRulesTest, EveryOrderOfNewsEndsTheSame) {
  const std::set<std::pair<std::string, int>> settled_once{{"settled", 1}};
  EXPECT_EQ(
      settled_once,
      ends_of(
          {news(kind::succeeded),
           news(kind::succeeded, "pi_1", "cs_1"),
           news(kind::succeeded),
           news(kind::waiting),
           news(kind::failed),
           news(kind::nothing)}
      )
  );
  EXPECT_EQ(
      settled_once,
      ends_of(
          {news(kind::succeeded, "pi_1", "cs_1"),
           news(kind::waiting, "", "cs_1"),
           news(kind::expired, "", "cs_1"),
           news(kind::canceled),
           news(kind::refunded)}
      )
  );
}

TEST(PaymentRulesTest, AnotherAmountOrCurrencyIsNotBelieved) {
  auto wrong_amount = news(kind::succeeded);
  wrong_amount.amount_minor = 4999;
  auto wrong_currency = news(kind::succeeded);
  wrong_currency.currency = "EUR";
  for (const auto& [said, why] :
       {std::pair{wrong_amount, "amount_mismatch"}, std::pair{wrong_currency, "currency_mismatch"}}) {
    const auto change = after(a_purchase(), said);
    EXPECT_FALSE(change.settles);
    EXPECT_EQ(why, change.quarantined);
    EXPECT_EQ("review", change.after.status);
    EXPECT_TRUE(after(change.after, news(kind::succeeded)).settles);
  }
}

TEST(PaymentRulesTest, TheFailureOfAnOlderAttemptChangesNothing) {
  auto record = a_purchase();
  record.payment_id = "pi_2";
  EXPECT_EQ("pending", after(record, news(kind::failed, "pi_1")).after.status);
  EXPECT_EQ("failed", after(record, news(kind::failed, "pi_2")).after.status);
}

TEST(PaymentRulesTest, OnAPageOneMayTryAgain) {
  auto record = a_purchase();
  record.session_id = "cs_1";
  EXPECT_EQ("pending", after(record, news(kind::failed)).after.status);
  auto final_one = news(kind::failed, "pi_1", "cs_1");
  final_one.state = "final";
  EXPECT_EQ("failed", after(record, final_one).after.status);
}

TEST(PaymentRulesTest, ASecondPaymentIsSeen) {
  const auto paid = after(a_purchase(), news(kind::succeeded, "pi_1")).after;
  const auto again = after(paid, news(kind::succeeded, "pi_2"));
  EXPECT_FALSE(again.settles);
  EXPECT_EQ("paid_twice", again.quarantined);
}

TEST(PaymentRulesTest, WhatGoesBackOfAnotherPaymentIsNotThisPurchases) {
  auto paid = after(a_purchase(), news(kind::succeeded, "pi_1")).after;
  auto twice = news(kind::succeeded, "pi_2");
  twice.charge_id = "ch_2";
  paid = after(paid, twice).after;
  EXPECT_TRUE(paid.charge_id.empty());
  for (const auto what : {kind::refunded, kind::refund, kind::dispute}) {
    auto said = news(what, "pi_2");
    said.refunded_minor = 5000;
    const auto change = after(paid, said);
    EXPECT_EQ("other_payment", change.quarantined);
    EXPECT_EQ(0, change.after.refund_seen_minor);
    said.payment_id = "pi_1";
    EXPECT_TRUE(after(paid, said).quarantined.empty());
    said.currency = "EUR";
    EXPECT_EQ("currency_mismatch", after(paid, said).quarantined);
  }
}

TEST(PaymentRulesTest, AnAttemptThatAPageFollowsDoesNotFailThePurchase) {
  auto record = a_purchase();
  record.payment_id = "pi_1";
  record.client_secret = "pi_1_secret";
  auto wants_payer = news(kind::failed, "pi_1");
  wants_payer.failure_code = "authentication_required";
  EXPECT_TRUE(page_follows(record, wants_payer));
  EXPECT_EQ("pending", after(record, wants_payer).after.status);
  auto given_up = news(kind::canceled, "pi_1");
  EXPECT_EQ("canceled", after(record, given_up).after.status);
  given_up.failure_code = "abandoned";
  EXPECT_EQ("pending", after(record, given_up).after.status);
  wants_payer.state = "final"; // no page can follow any more
  EXPECT_EQ("failed", after(record, wants_payer).after.status);
  const auto paged = after(record, news(kind::waiting, "", "cs_1")).after;
  EXPECT_EQ("cs_1", paged.session_id);
  EXPECT_EQ("", paged.client_secret);
}

TEST(PaymentRulesTest, AmountsAreTheProviders) {
  EXPECT_EQ(5000, provider_amount(5000, "USD"));
  EXPECT_EQ(500, provider_amount(500, "JPY"));
  EXPECT_EQ(50000, provider_amount(500, "ISK"));
  EXPECT_EQ(50000, provider_amount(500, "UGX"));
  EXPECT_EQ(1230, provider_amount(1230, "KWD"));
  EXPECT_FALSE(provider_amount(1235, "KWD"));
  for (const auto* currency : {"USD", "JPY", "ISK", "UGX", "KWD"})
    EXPECT_EQ(770, amount_of_provider(*provider_amount(770, currency), currency)) << currency;
  EXPECT_EQ(-1, amount_of_provider(50050, "ISK"));
}

TEST(PaymentRulesTest, WhatDoesNotFitIsOverWhenItWentBackWhereItCameFrom) {
  auto less = news(kind::succeeded);
  less.amount_minor = 4999;
  auto part = news(kind::refunded);
  part.amount_minor = 4999;
  part.refunded_minor = 4998;
  auto all = part;
  all.refunded_minor = 4999;
  auto record = after(a_purchase(), less).after;
  EXPECT_EQ("review", record.status);
  EXPECT_TRUE(may_be_accepted(record));
  EXPECT_EQ("pi_1", record.payment_id);
  record = after(record, part).after;
  EXPECT_EQ("review", record.status);
  const auto change = after(record, all);
  EXPECT_EQ("canceled", change.after.status);
  EXPECT_EQ("", change.quarantined);
  EXPECT_FALSE(change.settles);
  EXPECT_FALSE(may_be_accepted(change.after));
  EXPECT_EQ("canceled", after(after(a_purchase(), all).after, less).after.status);
  const auto paid = after(change.after, news(kind::succeeded, "pi_2"));
  EXPECT_TRUE(paid.settles);
  EXPECT_EQ(0, paid.after.refund_seen_minor); // of the money that counts nothing went back
  EXPECT_EQ(0, paid.after.paid_minor);
}

TEST(PaymentRulesTest, InEveryOrderWhatDoesNotFitAndWentBackIsOver) {
  const std::set<std::pair<std::string, int>> over{{"canceled", 0}};
  for (const auto& [amount, currency] :
       {std::pair{4999, "USD"}, std::pair{6000, "USD"}, std::pair{5000, "EUR"}}) {
    auto paid = news(kind::succeeded);
    paid.amount_minor = amount;
    paid.currency = currency;
    auto page = paid;
    page.session_id = "cs_1";
    auto part = paid;
    part.what = kind::refunded;
    part.refunded_minor = 1000;
    auto all = part;
    all.refunded_minor = amount;
    EXPECT_EQ(over, ends_of({paid, page, part, all, paid})) << amount << currency;
  }
}

TEST(PaymentRulesTest, WhatIsOverSaysWhy) {
  const auto over = after(a_purchase(), news(kind::expired, "")).after;
  EXPECT_EQ("expired", over.status);
  EXPECT_EQ("It was not paid in time.", over.failure_message);
  EXPECT_EQ("", after(over, news(kind::succeeded)).after.failure_message);
}

TEST(PaymentRulesTest, OnlyAnotherAmountIsAccepted) {
  auto more = news(kind::succeeded);
  more.amount_minor = 6000;
  auto record = after(a_purchase(), more).after;
  EXPECT_TRUE(may_be_accepted(record));
  record = after(record, news(kind::succeeded, "")).after; // a person says so
  EXPECT_TRUE(was_accepted(record));
  EXPECT_EQ(6000, record.paid_minor);
  auto back = news(kind::refunded);
  back.refunded_minor = 6000;
  EXPECT_EQ(6000, after(record, back).after.refund_seen_minor);
  EXPECT_EQ("other_payment", after(record, news(kind::refunded, "pi_2")).quarantined);
  more.currency = "EUR";
  EXPECT_FALSE(may_be_accepted(after(a_purchase(), more).after));
}

TEST(PaymentRulesTest, MoneyOfAnotherCurrencyThatWentBackIsOver) {
  auto foreign = news(kind::succeeded);
  foreign.currency = "EUR";
  auto back = news(kind::refunded);
  back.currency = "EUR";
  back.refunded_minor = 5000;
  const auto record = after(a_purchase(), foreign).after;
  EXPECT_EQ("currency_mismatch", record.failure_code);
  EXPECT_EQ("canceled", after(record, back).after.status);
}

} // namespace tessera
