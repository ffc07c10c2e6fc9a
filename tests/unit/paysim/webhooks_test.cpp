#include "tools/paysim/sandbox.hpp"
#include "tools/paysim/webhooks/endpoints.hpp"
#include "tools/paysim/webhooks/signature.hpp"
#include "tools/paysim/webhooks/webhooks.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace tessera::paysim {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::string name_in(const std::string& body) {
  const auto event = json::parse(body).as_object();
  return std::string{text_of(object_of(object_of(event, "data"), "object"), "id")};
}

/// A sandbox whose webhooks are caught, and whose machine's clock stands still.
struct caught {
  explicit caught(bool chaos = false)
      : account(
            {.base_url = "http://sandbox",
             .seed = 1,
             .real_ms = [] { return std::int64_t{1'700'000'000'000}; },
             .hooks = {
                 .chaos = chaos,
                 .send = [this](webhook_attempt attempt) { sent.push_back(std::move(attempt)); },
                 .real_seconds = [] { return std::int64_t{1'700'000'000}; }}}
        ) {
    add_webhook_endpoint(account, "http://shop/hooks", "whsec_shop");
  }

  void tell(std::string_view name) {
    account.emit("customer.created", {{"id", name}, {"object", "customer"}});
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& each : sent)
      all.push_back(name_in(each.body));
    return all;
  }

  std::vector<webhook_attempt> sent;
  sandbox account;
};

TEST(SignatureTest, IsOneV1ForEachSecret) {
  // echo -n '1700000000.{}' | openssl dgst -sha256 -hmac whsec_a
  constexpr auto of_a = "04339dc4f01d6541e8d3b7e4bd93cd2d4f680ccb28592270900b08e49cc09e57";
  const auto one = sign("{}", 1'700'000'000, {"whsec_a"});
  EXPECT_EQ(one, std::string("t=1700000000,v1=") + of_a);
  const auto two = sign("{}", 1'700'000'000, {"whsec_b", "whsec_a"});
  EXPECT_TRUE(two.ends_with(of_a));
  EXPECT_EQ(std::ranges::count(two, ','), 2);
}

TEST(WebhooksTest, ArriveInTheirOrderAndSigned) {
  caught shop;
  shop.tell("a");
  shop.tell("b");
  shop.account.clock.run_due();

  EXPECT_THAT(shop.names(), ElementsAre("a", "b"));
  EXPECT_EQ(shop.sent[0].signature, sign(shop.sent[0].body, 1'700'000'000, {"whsec_shop"}));
}

TEST(WebhooksTest, WhatIsNotTakenComesAgainForThreeDays) {
  caught shop;
  shop.tell("a");
  shop.account.clock.run_due();
  for (std::size_t at = 0; at < shop.sent.size() && at < 50; ++at) {
    shop.account.hooks.answered(shop.sent[at].id, at % 2 ? 0 : 500);
    shop.account.clock.advance(12 * 3'600'000);
  }

  EXPECT_THAT(shop.sent, SizeIs(13));
  EXPECT_EQ(shop.account.hooks.counted().given_up, 1u);
  EXPECT_EQ(number_of(*shop.account.documents.all("event").front(), "pending_webhooks"), 1);
}

TEST(WebhooksTest, WhatIsTakenDoesNotComeAgain) {
  caught shop;
  shop.tell("a");
  shop.account.clock.run_due();
  shop.account.hooks.answered(shop.sent[0].id, 204);
  shop.account.hooks.answered(shop.sent[0].id, 500); // an answer counts once
  shop.account.clock.advance(4 * 86'400'000LL);

  EXPECT_THAT(shop.sent, SizeIs(1));
  EXPECT_EQ(number_of(*shop.account.documents.all("event").front(), "pending_webhooks"), 0);
}

TEST(WebhooksTest, ChaosLosesNothing) {
  caught shop(true);
  std::vector<std::string> told;
  for (int at = 0; at < 200; ++at) {
    told.push_back(std::to_string(at));
    shop.tell(told.back());
  }
  shop.account.clock.advance(10'000);

  const auto names = shop.names();
  EXPECT_GT(names.size(), told.size());
  EXPECT_FALSE(std::ranges::is_sorted(names, {}, [](const auto& each) { return std::stoi(each); }));
  for (const auto& each : told)
    EXPECT_THAT(names, testing::Contains(each));
}

TEST(ClockTest, DoesWhatIsDueAtItsOwnTime) {
  sandbox_clock clock([] { return std::int64_t{0}; });
  std::vector<std::int64_t> when;
  clock.after(3'000, [&] { when.push_back(clock.now_ms()); });
  clock.after(1'000, [&] {
    when.push_back(clock.now_ms());
    clock.after(1'000, [&] { when.push_back(clock.now_ms()); });
  });
  clock.run_due();
  EXPECT_THAT(when, ElementsAre());
  clock.advance(10'000);
  EXPECT_THAT(when, ElementsAre(1'000, 2'000, 3'000));
  EXPECT_EQ(clock.now_ms(), 10'000);
}

} // namespace
} // namespace tessera::paysim
