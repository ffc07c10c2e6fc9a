// How often, and what a tenant's policies say.
#include "tests/api/invitation_world.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

class InvitationLimitsTest : public testing::Test {
protected:
  /// Limits as they are shipped.
  static invitation_world& world() {
    static invitation_world one("1");
    return one;
  }
  void set_policies(const std::string& policies) {
    const auto set =
        world().service.operator_client().put("/api/tenants/acme", R"({"policies":)" + policies + "}");
    ASSERT_EQ(set.status(), 200) << set.response.body;
  }
  void TearDown() override {
    set_policies(
        R"({"seatLimit":null,"approveTenantAdmin":false,"exposeTokenToInviter":true,"allowedEmailDomains":[],"onInviterChange":"cancel"})"
    );
  }
  static http_client from(const std::string& address) {
    auto client = world().service.client();
    client.set_local_address(address);
    return client;
  }
  static std::string at(const std::string& place) {
    return R"(,"entityAssignments":[{"entityType":"location","entityId":")" + place +
           R"(","role":"viewer"}])";
  }

  const std::string email = world().address();
};

} // namespace

TEST_F(InvitationLimitsTest, W33OnePersonIsInvitedThreeTimesADay) {
  auto by = world().client_of("admin");
  for (int i = 0; i < 3; ++i) {
    const auto made = world().invited(email);
    ASSERT_EQ(by.remove("/api/invitations/" + made.id).status(), 200);
  }

  const auto tagged = email.substr(0, email.find('@')) + "+x" + email.substr(email.find('@'));
  for (const auto& address : {email, tagged}) {
    const auto refused = world().invite("admin", address);
    expect_problem(refused, 429, "recipient_limit_reached");
    EXPECT_FALSE(refused.response.header("retry-after").empty());
  }
}

TEST_F(InvitationLimitsTest, ItIsNotSentAgainWithinAMinute) {
  const auto made = world().invited(email);

  const auto again = world().client_of("admin").post("/api/invitations/resend/" + made.id, "");

  expect_problem(again, 429, "resend_too_soon");
  EXPECT_LE(std::stoi(again.response.header("retry-after")), 60);
}

TEST_F(InvitationLimitsTest, ItIsSentAgainFiveTimesAtMost) {
  const auto made = world().invited(email);
  auto by = world().client_of("admin");
  const auto resend = [&] {
    world().sql(
        "UPDATE user_invitations SET last_sent_at = last_sent_at - interval '1 hour' WHERE invitation_id = "
        "'" +
        made.id + "'"
    );
    return by.post("/api/invitations/resend/" + made.id, "");
  };
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(resend().status(), 200);

  expect_problem(resend(), 429, "resend_limit_reached");
}

TEST_F(InvitationLimitsTest, W48GuessingSlowsTheAddressDownAndHurtsNoInvitation) {
  const auto made = world().invited(email);
  auto guesser = from("127.7.7.7");
  int refused = 0;
  for (int i = 0; i < 40; ++i)
    refused += guesser.post("/api/invitations/lookup", R"({"token":"tsi_wrong"})").status() == 429;

  EXPECT_GE(refused, 25);
  EXPECT_EQ(world().status_of(made.id), "pending");
  const auto body = R"({"token":")" + made.token + "\"}";
  EXPECT_EQ(guesser.post("/api/invitations/lookup", body).status(), 429);
  EXPECT_EQ(from("127.7.7.8").post("/api/invitations/lookup", body).status(), 200);
}

TEST_F(InvitationLimitsTest, CallsWithATokenAreCountedByAddress) {
  const auto made = world().invited(email);
  auto one = from("127.7.8.1");
  const auto body = R"({"token":")" + made.token + "\"}";

  const auto first = one.post("/api/invitations/lookup", body);
  EXPECT_EQ(first.status(), 200);
  EXPECT_THAT(first.response.header("ratelimit-policy"), testing::HasSubstr("\"invitation\";q=30"));
  int refused = 0;
  for (int i = 0; i < 35; ++i)
    refused += one.post("/api/invitations/lookup", body).status() == 429;
  EXPECT_GE(refused, 4);
}

TEST_F(InvitationLimitsTest, W40PendingInvitationsHoldSeats) {
  const auto taken = std::stol(world().sql("SELECT (SELECT count(*) FROM users u JOIN tenants t USING "
                                           "(tenant_id) WHERE t.id = 'acme' AND u.status = 'active')"
                                           " + (SELECT count(*) FROM user_invitations i JOIN tenants t USING "
                                           "(tenant_id) WHERE t.id = 'acme' AND i.status = "
                                           "'pending')"));
  set_policies(R"({"seatLimit":)" + std::to_string(taken + 1) + "}");

  const auto made = world().invited(email);
  expect_problem(world().invite("admin", world().address()), 409, "seat_limit_reached");
  ASSERT_EQ(world().client_of("admin").remove("/api/invitations/" + made.id).status(), 200);
  EXPECT_EQ(world().invite("admin", world().address()).status(), 201);
}

TEST_F(InvitationLimitsTest, W41TheOperatorNeedsNoApproval) {
  set_policies(R"({"approveTenantAdmin":true})");

  auto ruler = world().service.operator_client();
  ruler.set_header("X-Tenant", "acme");
  const auto made = ruler.post("/api/invitations", world().invitation(email, R"(,"role":"tenant_admin")"));
  EXPECT_EQ(made.status(), 201);
  EXPECT_EQ(text_at(made.response.body, "/status"), "pending");
}

TEST_F(InvitationLimitsTest, W37TheTenantTakesOnlyItsDomains) {
  set_policies(R"({"allowedEmailDomains":["company.test"]})");

  expect_problem(world().invite("admin", "a@evil-company.test"), 422, "domain_not_allowed");
  EXPECT_EQ(world().invite("admin", email).status(), 201);
}

TEST_F(InvitationLimitsTest, ATenantAdminAnswersForItWhereThePolicySaysSo) {
  set_policies(R"({"onInviterChange":"transfer"})");
  const auto name = "former" + email.substr(0, email.find('@'));
  const auto id = world().hire(name, "location_manager", {"location/loc-1:viewer"});
  const auto made = world().invited(email, {}, name);
  ASSERT_EQ(world().client_of("admin").remove("/api/users/" + id).status(), 200);

  const auto accepted = from("127.7.10.1").post("/api/invitations/accept", world().acceptance(made.token));

  EXPECT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_THAT(world().activities(made.id), testing::ElementsAre("created", "transferred", "accepted"));
}

TEST_F(InvitationLimitsTest, TheInviterIsToldNoTokenWhereThePolicySaysSo) {
  set_policies(R"({"exposeTokenToInviter":false})");

  const auto made = world().invite("admin", email);

  EXPECT_EQ(made.status(), 201);
  EXPECT_THAT(made.response.body, testing::HasSubstr(R"("invitationToken":null)"));
  EXPECT_THAT(made.response.body, testing::HasSubstr(R"("inviteUrl":null)"));
}

TEST_F(InvitationLimitsTest, AnalyticsAreTheBriefsObject) {
  const auto made = world().invited(email, at("loc-2"));
  ASSERT_EQ(from("127.7.9.1").post("/api/invitations/accept", world().acceptance(made.token)).status(), 200);

  const auto told = world().client_of("admin").get("/api/invitations/analytics");

  ASSERT_EQ(told.status(), 200) << told.response.body;
  const auto names = names_at(told.response.body, "/invitationAnalytics");
  EXPECT_THAT(
      names,
      testing::IsSupersetOf(
          {"totalSent",
           "accepted",
           "pending",
           "expired",
           "acceptanceRate",
           "averageAcceptanceTime",
           "topInvitationSources"}
      )
  );
  const auto all = std::stol(world().sql(
      "SELECT count(*) FROM user_invitations i WHERE NOT EXISTS (SELECT FROM invitation_applications a"
      " WHERE a.invitation_id = i.invitation_id)"
  ));
  EXPECT_EQ(integer_at(told.response.body, "/invitationAnalytics/totalSent"), all);
  EXPECT_EQ(text_at(told.response.body, "/invitationAnalytics/topInvitationSources/0"), "direct_link");
  EXPECT_THAT(
      text_at(told.response.body, "/invitationAnalytics/averageAcceptanceTime"), testing::HasSubstr("second")
  );
  expect_problem(world().client_of("member").get("/api/invitations/analytics"), 403, "insufficient_role");
}

} // namespace tessera::test
