// Orders in which a provider may tell of a purchase, posted as signed webhooks to a service on PostgreSQL.
// Every order there is: tests/unit/domain/payment_orders_test.cpp.
#include "tests/api/shop.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace tessera::test {

namespace {

constexpr std::int64_t bought = 1000;
constexpr std::int64_t paid = 5000;

/// What is told of one purchase; the model below says what must come of it.
enum class told { succeeded, part, charge_of_part, rest, charge_of_all, opened, won, lost, closed };

/// One purchase of an organisation of its own.
struct sold {
  std::string purchase;
  std::string organization;
  std::string payment; // the provider's name for it
  std::vector<told> news;
  std::int64_t spent = 0;
  std::int64_t refunded_by_us = 0; // units
};

std::string event_of(const sold& what, told news, const std::string& id) {
  const auto& payment = what.payment;
  const auto frame = [&](const std::string& type, const std::string& object) {
    return R"({"id":")" + id + R"(","type":")" + type + R"(","livemode":false,"data":{"object":{)" + object +
           R"(,"currency":"usd"}}})";
  };
  const auto part_of = [&](const std::string& object, const std::string& amount, const std::string& status) {
    return R"("id":")" + object + "_" + payment + R"(","payment_intent":")" + payment + R"(","charge":"ch_)" +
           payment + R"(","amount":)" + amount + R"(,"status":")" + status + "\"";
  };
  const auto charge = [&](const std::string& refunded) {
    return R"("id":"ch_)" + payment + R"(","payment_intent":")" + payment + R"(","amount_refunded":)" +
           refunded + R"(,"metadata":{"purchaseId":")" + what.purchase + R"(","tenantId":"acme"})";
  };
  switch (news) {
  case told::succeeded:
    return frame(
        "payment_intent.succeeded",
        R"("id":")" + payment +
            R"(","status":"succeeded","amount":5000,"amount_received":5000,)"
            R"("latest_charge":"ch_)" +
            payment + R"(","metadata":{"purchaseId":")" + what.purchase + R"(","tenantId":"acme"})"
    );
  case told::part: return frame("refund.created", part_of("re_1", "1500", "succeeded"));
  case told::rest: return frame("refund.updated", part_of("re_2", "3500", "succeeded"));
  case told::charge_of_part: return frame("charge.refunded", charge("1500"));
  case told::charge_of_all: return frame("charge.refunded", charge("5000"));
  case told::opened: return frame("charge.dispute.created", part_of("dp", "5000", "needs_response"));
  case told::won: return frame("charge.dispute.closed", part_of("dp", "5000", "won"));
  case told::lost: return frame("charge.dispute.closed", part_of("dp", "5000", "lost"));
  case told::closed: return frame("charge.dispute.closed", part_of("dp", "5000", "warning_closed"));
  }
  return {};
}

struct end_state {
  std::string status;
  std::int64_t available = 0;
  std::int64_t debt = 0;

  friend bool operator==(const end_state&, const end_state&) = default;
};
std::ostream& operator<<(std::ostream& out, const end_state& end) {
  return out << end.status << ", " << end.available << " available, " << end.debt << " owed";
}

/// R-C 3.7: nothing here knows in which order it was told.
end_state model_of(const sold& what) {
  const auto has = [&](told news) { return std::ranges::count(what.news, news) > 0; };
  const auto ours = paid * what.refunded_by_us / bought;
  std::int64_t back = (has(told::part) ? 1500 : 0) + (has(told::rest) ? 3500 : 0) + ours;
  back =
      std::max<std::int64_t>({back, has(told::charge_of_part) ? 1500 : 0, has(told::charge_of_all) ? 5000 : 0}
      );
  const auto elsewhere = back - ours + (has(told::lost) ? paid : 0);
  const auto most = bought - what.refunded_by_us;
  const auto clawed = ours + elsewhere >= paid ? most : std::min(most, bought * elsewhere / paid);
  const auto left = bought - what.refunded_by_us - what.spent - clawed;
  end_state end{"completed", std::max<std::int64_t>(0, left), std::max<std::int64_t>(0, -left)};
  if (back > 0) end.status = "partially_refunded";
  if (back >= paid) end.status = "refunded";
  if (has(told::lost)) end.status = "charged_back";
  if (has(told::opened) && !has(told::lost) && !has(told::won) && !has(told::closed)) {
    end.status = "disputed";
    end.available = 0; // it is held
  }
  return end;
}

class PaymentOrdersTest : public testing::Test {
protected:
  PaymentOrdersTest() = default;

  std::string new_organization() {
    const auto id = "buyer-" + std::to_string(++buyers_);
    at.service.create_organization(at.key, id);
    return id;
  }
  static std::string order_of(const std::string& organization) {
    return shop::order(
        "thousand", "stripe", R"("entityType":"organization","entityId":")" + organization + "\""
    );
  }

  /// Begun, and not paid yet.
  sold begin(std::vector<told> news) {
    sold what;
    what.organization = new_organization();
    what.purchase = text_at(at.buy(order_of(what.organization)).response.body, "/purchaseId");
    what.payment = "pi_" + std::to_string(buyers_);
    what.news = std::move(news);
    return what;
  }
  /// Paid, of which something is spent.
  sold begin_and_spend(std::vector<told> news, std::int64_t credits) {
    auto what = begin(std::move(news));
    post(what, told::succeeded);
    EXPECT_TRUE(wait_until(patience, [&] { return end_of(what).available == bought; }));
    const auto spent = at.client().post(
        "/api/credits/consume",
        R"({"entityType":"organization","entityId":")" + what.organization + R"(","credits":)" +
            std::to_string(credits) + "}"
    );
    EXPECT_EQ(200, spent.status()) << spent.response.body;
    what.spent = credits;
    return what;
  }
  /// Paid with a card, of which we have given something back.
  sold begin_and_refund(std::vector<told> news, std::int64_t credits) {
    sold what;
    what.organization = new_organization();
    EXPECT_EQ(201, at.save("pm_card_visa", what.organization).status());
    what.purchase = text_at(at.buy(order_of(what.organization)).response.body, "/purchaseId");
    what.payment = at.payment_of(what.purchase);
    auto seller = at.seller();
    seller.set_timeout(patience);
    const auto refund = seller.post(
        "/api/credits/purchases/" + what.purchase + "/refund",
        R"({"reason":"a part","credits":)" + std::to_string(credits) + "}"
    );
    EXPECT_EQ(201, refund.status()) << refund.response.body;
    what.refunded_by_us = credits;
    what.news = std::move(news);
    return what;
  }

  void post(const sold& what, told news) {
    const auto id = "evt_o" + std::to_string(++events_);
    const auto event = event_of(what, news, id);
    EXPECT_EQ(200, post_event(at, event).status()) << event;
    if (events_ % 3 == 0) { // webhooks come twice
      EXPECT_EQ(200, post_event(at, event).status());
    }
  }

  end_state end_of(const sold& what) const {
    const auto balance =
        at.client().get("/api/credits/balance/organization/" + what.organization).response.body;
    return {
        at.status_of(what.purchase), number_at(balance, "/availableCredits"), number_at(balance, "/debt")};
  }

  /// Nobody has anything left to do.
  bool is_at_rest() const {
    return at.service.cluster().query(
               at.service.database(),
               "SELECT (SELECT count(*) FROM credit_purchases WHERE next_check_at IS NOT NULL)"
               " + (SELECT count(*) FROM provider_events WHERE state = 'waiting')"
           ) == "0";
  }

  void expect_the_model(const std::vector<sold>& all) {
    EXPECT_TRUE(wait_until(milliseconds{90'000}, [&] { return is_at_rest(); }));
    for (const auto& what : all) {
      std::string order;
      for (const auto each : what.news)
        order += std::to_string(static_cast<int>(each)) + " ";
      EXPECT_EQ(model_of(what), end_of(what)) << what.purchase << ": " << order << "(" << what.spent
                                              << " spent, " << what.refunded_by_us << " refunded by us)";
    }
    EXPECT_EQ("0", at.events_in("quarantined"));
  }

  shop at;

private:
  int buyers_ = 0;
  int events_ = 0;
};

std::vector<std::vector<told>> orders_of(std::vector<told> news, int how_many, std::mt19937_64& dice) {
  std::vector<std::vector<told>> orders{news, {news.rbegin(), news.rend()}};
  while (static_cast<int>(orders.size()) < how_many) {
    std::ranges::shuffle(news, dice);
    orders.push_back(news);
  }
  return orders;
}

} // namespace

TEST_F(PaymentOrdersTest, WhateverIsToldInWhateverOrderEndsAsTheModel) {
  std::mt19937_64 dice(1'707);
  std::vector<sold> all;
  using enum told;
  for (const auto outcome : {won, lost, closed})
    for (auto& order : orders_of({succeeded, part, charge_of_part, opened, outcome}, 6, dice))
      all.push_back(begin(std::move(order)));
  for (const auto outcome : {won, lost})
    for (auto& order : orders_of(
             {succeeded, succeeded, part, charge_of_part, told::rest, charge_of_all, opened, outcome}, 4, dice
         ))
      all.push_back(begin(std::move(order)));
  all.push_back(begin({opened, succeeded}));
  // News of many purchases come between each other.
  for (std::size_t turn = 0; turn < 8; ++turn)
    for (const auto& what : all)
      if (turn < what.news.size()) post(what, what.news[turn]);
  expect_the_model(all);
}

TEST_F(PaymentOrdersTest, WhatWasSpentOrRefundedBeforeEndsAsTheModel) {
  std::mt19937_64 dice(1'708);
  std::vector<sold> all;
  using enum told;
  for (const auto outcome : {won, lost})
    for (auto& order : orders_of({succeeded, part, charge_of_part, opened, outcome}, 3, dice))
      all.push_back(begin_and_spend(std::move(order), 400));
  for (auto& order : orders_of({part, charge_of_all, told::rest}, 3, dice))
    all.push_back(begin_and_spend(std::move(order), 400));
  for (auto& order : orders_of({opened, won}, 2, dice))
    all.push_back(begin_and_refund(std::move(order), 250));
  for (auto& order : orders_of({charge_of_all, opened, won}, 3, dice))
    all.push_back(begin_and_refund(std::move(order), 250));
  all.push_back(begin_and_refund({opened, lost}, 250));
  for (std::size_t turn = 0; turn < 8; ++turn)
    for (const auto& what : all)
      if (turn < what.news.size()) post(what, what.news[turn]);
  expect_the_model(all);
}

namespace {

struct priced {
  std::string package;
  std::string currency;
  std::string price;         // as it is named
  std::int64_t minor = 0;    // ours
  std::int64_t provider = 0; // what the provider is asked for
  std::int64_t step = 1;     // what the provider can move, in our minor units
};

} // namespace

// To the minor unit, whatever it is of: the price, what the provider is asked for, each part that goes back,
// and all of them together.
TEST_F(PaymentOrdersTest, CurrenciesAreRightToTheMinorUnitFromThePriceToTheLastRefund) {
  for (const auto& each :
       {priced{"yen", "JPY", "1000", 1000, 1000},
        priced{"dinar", "KWD", "10.01", 10'010, 10'010, 10},
        priced{"krona", "ISK", "1000", 1000, 100'000},
        priced{"euro", "EUR", "9.99", 999, 999}}) {
    SCOPED_TRACE(each.currency);
    const auto made = at.seller().post(
        "/api/credits/packages",
        R"({"packageId":")" + each.package + R"(","credits":7,"validityDays":30,"price":)" + each.price +
            R"(,"currency":")" + each.currency + "\"}"
    );
    ASSERT_EQ(201, made.status()) << made.response.body;
    const auto organization = new_organization();
    ASSERT_EQ(201, at.save("pm_card_visa", organization).status());
    const auto bought_now = at.buy(shop::order(
        each.package, "stripe", R"("entityType":"organization","entityId":")" + organization + "\""
    ));
    ASSERT_EQ(201, bought_now.status()) << bought_now.response.body;
    const auto purchase = text_at(bought_now.response.body, "/purchaseId");
    const auto view = at.client().get("/api/credits/purchases/" + purchase).response.body;
    EXPECT_EQ(each.minor, number_at(view, "/amountMinor"));
    const auto intent = at.provider.call("/v1/payment_intents/" + at.payment_of(purchase)).response.body;
    EXPECT_EQ(each.provider, number_at(intent, "/amount"));

    std::int64_t back = 0;
    for (int unit = 1; unit <= 7; ++unit) {
      auto seller = at.seller();
      seller.set_timeout(patience);
      const auto part = seller.post(
          "/api/credits/purchases/" + purchase + "/refund", R"({"credits":1,"reason":"one of seven"})"
      );
      ASSERT_EQ(201, part.status()) << part.response.body;
      const auto amount = number_at(part.response.body, "/amountMinor");
      EXPECT_EQ(0, amount % each.step);
      back += amount;
      EXPECT_LE(back, each.minor);
    }
    EXPECT_EQ(each.minor, back);
    const auto charge = at.provider.call("/v1/charges/" + text_at(intent, "/latest_charge")).response.body;
    EXPECT_EQ(each.provider, number_at(charge, "/amount_refunded"));
    EXPECT_EQ("refunded", at.status_of(purchase));
  }
}

} // namespace tessera::test
