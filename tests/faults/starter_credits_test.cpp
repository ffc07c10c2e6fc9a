// Credits that come with an invitation: the process dies between them and the invitation.
#include "tests/faults/allocation_fixture.hpp"

#include <csignal>

namespace tessera::test {

namespace {

constexpr milliseconds patience{30'000};

class StarterCreditsFaultTest : public AllocationFaultTest {
protected:
  StarterCreditsFaultTest() {
    make("top", {}, 1);
    node_.service().create_organization(key_, "below", "top");
    inviter_ = node_.service().create_api_key(
        "acme", {"credits:read", "credits:allocate", "invitations:write", "invitations:read"}, "crm"
    );
  }

  http_client inviter() {
    http_client made("127.0.0.1", node_.port());
    made.set_bearer(inviter_);
    return made;
  }
  http_exchange invite() {
    return inviter().post(
        "/api/invitations",
        R"({"email":"ann@example.com","firstName":"Ann","lastName":"Lee","sendNotification":false,)"
        R"("entityAssignments":[{"entityType":"organization","entityId":"below","role":"viewer"}],)"
        R"("starterCredits":{"fromEntityType":"organization","fromEntityId":"top",)"
        R"("toEntityType":"organization","toEntityId":"below","credits":600}})",
        {{"Idempotency-Key", "one"}}
    );
  }
  std::string balance(const std::string& id) {
    const auto told = client().get("/api/credits/balance/organization/" + id).response.body;
    return std::to_string(integer_at(told, "/availableCredits").value_or(-1)) + "+" +
           std::to_string(integer_at(told, "/reservedCredits").value_or(-1));
  }
  bool becomes(const std::string& id, const std::string& wanted) {
    return wait_until(patience, [&] { return balance(id) == wanted; });
  }
  void expect_nothing_is_missing() {
    wait_until_everything_arrived();
    EXPECT_EQ("0", missing());
  }
  void expect_that_it_died() {
    const auto ended = node_.wait(milliseconds{10'000});
    ASSERT_TRUE(ended && ended->signal == SIGKILL);
  }

  std::string inviter_;
};

class StarterCreditsCrashTest : public StarterCreditsFaultTest,
                                public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(
    Points,
    StarterCreditsCrashTest,
    testing::Values("after_reservation_before_nudge", "before_round", "after_reservation_before_invitation"),
    [](const auto& each) { return std::string(each.param); }
);

} // namespace

TEST_P(StarterCreditsCrashTest, TheSameCallGoesOnWithWhatIsSetAside) {
  node_.stop();
  ASSERT_TRUE(node_.start(GetParam()));
  EXPECT_FALSE(invite().ok());
  expect_that_it_died();
  EXPECT_EQ("0", missing());

  ASSERT_TRUE(node_.start());
  const auto again = invite();
  ASSERT_EQ(201, again.status()) << again.response.body;
  EXPECT_EQ("400+600", balance("top"));
  EXPECT_EQ("1", sql("SELECT count(*) FROM credit_entries WHERE entry_type = 5"));
  EXPECT_EQ("1", sql("SELECT count(*) FROM user_invitations"));
  expect_nothing_is_missing();
  expect_verified();
}

TEST_P(StarterCreditsCrashTest, WhatNobodyAsksForAgainGoesBack) {
  node_.stop();
  ASSERT_TRUE(node_.start(GetParam()));
  EXPECT_FALSE(invite().ok());
  expect_that_it_died();

  ASSERT_TRUE(node_.start());
  EXPECT_TRUE(wait_until(patience, [&] {
    return sql("SELECT count(*) FROM invitation_starter_credits WHERE settled_as = 'returned'") == "1";
  }));
  EXPECT_TRUE(becomes("top", "1000+0")) << balance("top");
  EXPECT_EQ("0", sql("SELECT count(*) FROM user_invitations"));
  expect_nothing_is_missing();
  expect_verified();
}

TEST_F(StarterCreditsFaultTest, AreMovedOnceThoughItDiesWhenItIsAccepted) {
  const auto made = invite();
  ASSERT_EQ(201, made.status()) << made.response.body;
  node_.stop();
  ASSERT_TRUE(node_.start("after_invitation_before_nudge"));
  const auto acceptance = R"({"token":")" + text_at(made.response.body, "/invitationToken") +
                          R"(","password":"SecurePass123!","confirmPassword":"SecurePass123!",)"
                          R"("acceptTerms":true})";
  EXPECT_FALSE(http_client("127.0.0.1", node_.port()).post("/api/invitations/accept", acceptance).ok());
  expect_that_it_died();

  ASSERT_TRUE(node_.start());
  EXPECT_TRUE(becomes("below", "600+0")) << balance("below");
  EXPECT_EQ("400+0", balance("top"));
  EXPECT_EQ(409, http_client("127.0.0.1", node_.port()).post("/api/invitations/accept", acceptance).status());
  EXPECT_EQ("1", sql("SELECT count(*) FROM credit_entries WHERE entry_type = 8"));
  expect_nothing_is_missing();
  expect_verified();
}

} // namespace tessera::test
