// How often, and what a tenant's policies say.
#include "tests/api/invitation_world.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <thread>
#include <vector>

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
  static void erase(const std::string& address) {
    const auto erased =
        world().client_of("admin").post("/api/privacy/erase", R"({"email":")" + address + "\"}");
    ASSERT_EQ(erased.status(), 200) << erased.response.body;
  }
  /// So many that are pending, as if they had been sent some days ago.
  static void have_pending(invitation_world& in, const std::string& ids, int many) {
    in.sql(
        "INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, email, email_key,"
        " email_canonical, email_person, role, expiry_hours, expires_at, created_at) SELECT tenant_id, '" +
        ids +
        "' || n, 'nobody', 2, 'e', 'e', 'e', 'e', 1, 168, clock_timestamp() + interval '1 hour',"
        " clock_timestamp() - interval '2 days' FROM tenants, generate_series(1, " +
        std::to_string(many) + ") AS n WHERE tenants.id = 'acme'"
    );
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
  erase(email);
  for (const auto& address : {email, tagged})
    expect_problem(world().invite("admin", address), 429, "recipient_limit_reached");
}

TEST_F(InvitationLimitsTest, W33OnePersonIsSentTenMessagesADayByAllTenants) {
  const auto shared = world().invited(email);
  world().sql(
      "INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type) SELECT tenant_id, "
      "invitation_id, 'resent' FROM user_invitations, generate_series(1, 9) WHERE invitation_id = '" +
      shared.id + "'"
  );
  auto elsewhere = world().service.client(world().tokens.at("stranger"));
  elsewhere.set_header("X-Application", "crm");
  const auto body =
      R"({"email":")" + email +
      R"(","entityAssignments":[{"entityType":"location","entityId":"far-loc-1","role":"viewer"}]})";

  const auto refused = elsewhere.post("/api/invitations", body);

  expect_problem(refused, 429, "recipient_limit_reached");
  // Until a full hour: when others wrote to them is nobody's to know.
  const auto free_at = std::time(nullptr) + std::stol(refused.response.header("retry-after"));
  EXPECT_LE(std::min(free_at % 3'600, 3'600 - free_at % 3'600), 3);
  world().sql(
      "UPDATE user_invitations SET last_sent_at = last_sent_at - interval '1 hour' WHERE invitation_id = '" +
      shared.id + "'"
  );
  const auto again = world().client_of("admin").post("/api/invitations/resend/" + shared.id, "");
  expect_problem(again, 429, "recipient_limit_reached");

  erase(email);
  expect_problem(elsewhere.post("/api/invitations", body), 429, "recipient_limit_reached");
}

TEST_F(InvitationLimitsTest, AnInviterSendsThirtyInTenMinutes) {
  world().hire("busy", "location_manager", {"location/loc-1:viewer"});
  const auto first = world().invite("busy", email);
  ASSERT_EQ(first.status(), 201) << first.response.body;
  EXPECT_THAT(first.response.header("ratelimit-policy"), testing::HasSubstr("\"inviter\";q=30;w=600"));
  EXPECT_THAT(first.response.header("ratelimit"), testing::HasSubstr("\"inviter\";r=29;t=600"));
  EXPECT_THAT(first.response.header("ratelimit"), testing::HasSubstr("\"inviter-day\";r=99;t="));
  const auto id = text_at(first.response.body, "/invitationId");
  world().sql(
      "INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type, actor_type, actor_id)"
      " SELECT tenant_id, invitation_id, 'resent', 'user', invited_by FROM user_invitations,"
      " generate_series(1, 28) WHERE invitation_id = '" +
      id + "'"
  );

  const auto last = world().invite("busy", world().address());
  ASSERT_EQ(last.status(), 201) << last.response.body;
  EXPECT_THAT(last.response.header("ratelimit"), testing::HasSubstr("\"inviter\";r=0;t="));
  const auto refused = world().invite("busy", world().address());
  expect_problem(refused, 429, "rate_limited");
  const auto wait = std::stoi(refused.response.header("retry-after"));
  EXPECT_GT(wait, 500);
  EXPECT_LE(wait, 600);

  world().sql(
      "UPDATE user_invitations SET last_sent_at = last_sent_at - interval '1 hour' WHERE invitation_id = '" +
      id + "'"
  );
  const auto again = world().client_of("busy").post("/api/invitations/resend/" + id, "");
  expect_problem(again, 429, "rate_limited");
  EXPECT_THAT(again.response.header("ratelimit-policy"), testing::HasSubstr("\"inviter\";q=30;w=600"));
  EXPECT_EQ(world().invite("org_admin", world().address()).status(), 201) << "others are not held up";
}

TEST_F(InvitationLimitsTest, ManyAtOnceGetNoMoreThanIsLeft) {
  world().hire("storm", "location_manager", {"location/loc-1:viewer"});
  const auto first = world().invited(email, {}, "storm");
  world().sql(
      "INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type, actor_type, actor_id)"
      " SELECT tenant_id, invitation_id, 'resent', 'user', invited_by FROM user_invitations,"
      " generate_series(1, 24) WHERE invitation_id = '" +
      first.id + "'"
  );
  std::atomic<int> made{0};
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < 12; ++i)
      all.emplace_back([&made, to = world().address()] {
        made += world().invite("storm", to).status() == 201;
      });
  }

  EXPECT_EQ(made, 5);
}

/// In a tenant of its own: what others sent counts.
TEST_F(InvitationLimitsTest, AYoungTenantSendsAHundredADay) {
  auto elsewhere = world().service.client(world().tokens.at("stranger"));
  elsewhere.set_header("X-Application", "crm");
  const auto invite = [&](const std::string& to) {
    return elsewhere.post(
        "/api/invitations",
        R"({"email":")" + to +
            R"(","entityAssignments":[{"entityType":"location","entityId":"far-loc-1","role":"viewer"}]})"
    );
  };
  const auto first = invite(email);
  ASSERT_EQ(first.status(), 201) << first.response.body;
  EXPECT_THAT(first.response.header("ratelimit-policy"), testing::HasSubstr("\"tenant-day\";q=100;w=86400"));
  world().sql(
      "INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type) SELECT tenant_id,"
      " invitation_id, 'resent' FROM user_invitations, generate_series(1, 99) WHERE invitation_id = '" +
      text_at(first.response.body, "/invitationId") + "'"
  );

  const auto refused = invite(world().address());
  expect_problem(refused, 429, "rate_limited");
  EXPECT_GT(std::stoi(refused.response.header("retry-after")), 86'000);

  world().sql("UPDATE tenants SET created_at = created_at - interval '8 days' WHERE id = 'other'");
  EXPECT_EQ(invite(world().address()).status(), 201) << "an older one sends more";
}

TEST_F(InvitationLimitsTest, ATenantHasAThousandPending) {
  world().hire("patient", "location_manager", {"location/loc-1:viewer"});
  const auto made = world().invited(email, {}, "patient");
  world().sql(
      "INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, email, email_key,"
      " email_canonical, email_person, role, expiry_hours, expires_at, created_at) SELECT tenant_id, "
      "'inv-full-' "
      "|| n, 'nobody', 2, 'e', 'e', 'e', 'e', 1, 168, expires_at, created_at - interval '2 days'"
      " FROM user_invitations, generate_series(1, 1000) AS n WHERE invitation_id = '" +
      made.id + "'"
  );

  const auto refused = world().invite("patient", world().address());
  const auto link = world().client_of("patient").post(
      "/api/invitation-links",
      R"({"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}]})"
  );
  const auto joined = from("127.7.11.1")
                          .post(
                              "/api/invitation-links/join",
                              R"({"token":")" + text_at(link.response.body, "/linkToken") + R"(","email":")" +
                                  world().address() + "\"}"
                          );

  expect_problem(refused, 409, "too_many_pending_invitations");
  expect_problem(joined, 409, "too_many_pending_invitations");
  world().sql("UPDATE user_invitations SET status = 'cancelled' WHERE invitation_id LIKE 'inv-full-%'");
  EXPECT_EQ(world().invite("patient", world().address()).status(), 201);
}

TEST_F(InvitationLimitsTest, WhatIsOverAndSentAgainIsOneOfTheThousand) {
  const auto made = world().invited(email);
  world().sql(
      "UPDATE user_invitations SET expires_at = clock_timestamp(), last_sent_at = last_sent_at - interval '1 "
      "hour' WHERE invitation_id = '" +
      made.id + "'"
  );
  world().sql(
      "INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, email, email_key,"
      " email_canonical, email_person, role, expiry_hours, expires_at, created_at) SELECT tenant_id, "
      "'inv-more-' || n, 'nobody', 2, 'e', 'e', 'e', 'e', 1, 168, clock_timestamp() + interval '1 hour',"
      " created_at - interval '2 days' FROM user_invitations, generate_series(1, 1000) AS n"
      " WHERE invitation_id = '" +
      made.id + "'"
  );
  auto by = world().client_of("admin");
  const auto resend = [&] { return by.post("/api/invitations/resend/" + made.id, ""); };

  expect_problem(resend(), 409, "too_many_pending_invitations");
  world().sql("UPDATE user_invitations SET status = 'cancelled' WHERE invitation_id LIKE 'inv-more-%'");
  EXPECT_EQ(resend().status(), 200);
}

TEST_F(InvitationLimitsTest, W33AliasesAtOnceGetNoMoreThanOnePerson) {
  std::atomic<int> made{0};
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < 10; ++i)
      all.emplace_back([&, i, at = email.find('@')] {
        const auto alias = email.substr(0, at) + "+" + std::to_string(i) + email.substr(at);
        made += world().invite(i % 2 == 0 ? "admin" : "org_admin", alias).status() == 201;
      });
  }

  EXPECT_EQ(made, 3);
}

TEST_F(InvitationLimitsTest, OfManyInvitersAtOnceNoneIsOverTheThousand) {
  invitation_world own("1"); // what is sent here is far from what a tenant may send in a day
  std::vector<std::string> inviters;
  for (int i = 0; i < 6; ++i) {
    inviters.push_back("rival" + std::to_string(i) + email.substr(0, email.find('@')));
    own.hire(inviters.back(), "location_manager", {"location/loc-1:viewer"});
  }
  have_pending(own, "inv-nearly-", 999);
  std::atomic<int> made{0};
  {
    std::vector<std::jthread> all;
    for (const auto& each : inviters)
      all.emplace_back([&, to = own.address()] { made += own.invite(each, to).status() == 201; });
  }

  EXPECT_EQ(made, 1);
}

/// What is refused of everybody is refused first: nobody learns by it how often somebody was written to.
TEST_F(InvitationLimitsTest, TooManyPendingIsSaidBeforeTooManyToOnePerson) {
  world().hire("curious", "location_manager", {"location/loc-1:viewer"});
  for (int i = 0; i < 3; ++i) {
    const auto made = world().invited(email, {}, "curious");
    ASSERT_EQ(world().client_of("curious").remove("/api/invitations/" + made.id).status(), 200);
  }
  expect_problem(world().invite("curious", email), 429, "recipient_limit_reached");
  have_pending(world(), "inv-first-", 1'000);

  expect_problem(world().invite("curious", email), 409, "too_many_pending_invitations");

  world().sql("UPDATE user_invitations SET status = 'cancelled' WHERE invitation_id LIKE 'inv-first-%'");
}

/// A try writes to nobody, and may take as long as its file is.
TEST_F(InvitationLimitsTest, TryingManyWaitsForNobodyWhoWritesToThem) {
  const auto held = "hashtextextended('sends to " + email + "', 0)";
  const std::jthread writing([&] {
    world().sql("DO $$ BEGIN PERFORM pg_advisory_xact_lock(" + held + "); PERFORM pg_sleep(12); END $$");
  });
  ASSERT_TRUE(wait_until(milliseconds{5'000}, [&] {
    return world().sql(
               "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%sends to " + email + "%'"
           ) != "0";
  }));
  auto by = world().client_of("admin");
  const auto body =
      R"([{"email":")" + email +
      R"(","entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}]}])";

  const auto job = by.post("/api/invitations/bulk?dryRun=true", body);

  ASSERT_EQ(job.status(), 202) << job.response.body;
  const auto read = [&] {
    return by.get("/api/invitations/bulk/" + text_at(job.response.body, "/jobId")).response.body;
  };
  EXPECT_TRUE(wait_until(milliseconds{8'000}, [&] { return text_at(read(), "/status") == "completed"; }));
  EXPECT_EQ(text_at(read(), "/rows/0/status"), "valid") << read();
}

/// Whoever has only a link may not learn by a limit of all whom it concerns.
TEST_F(InvitationLimitsTest, W36WhatIsRefusedOfALinkIsRefusedOfEverybody) {
  invitation_world own("1"); // what is sent here is much of a day's
  const auto linker = "linker" + email.substr(0, email.find('@'));
  own.hire(linker, "location_manager", {"location/loc-1:viewer"});
  const auto link = own.client_of(linker).post(
      "/api/invitation-links",
      R"({"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}]})"
  );
  ASSERT_EQ(link.status(), 201) << link.response.body;
  auto visitor = own.service.client();
  const auto join = [&](const std::string& address) {
    return visitor.post(
        "/api/invitation-links/join",
        R"({"token":")" + text_at(link.response.body, "/linkToken") + R"(","email":")" + address + "\"}"
    );
  };
  ASSERT_EQ(join(email).status(), 202);
  own.sql(
      "INSERT INTO invitation_activities (tenant_id, invitation_id, activity_type, actor_type, actor_id)"
      " SELECT tenant_id, invitation_id, 'resent', 'user', invited_by FROM user_invitations,"
      " generate_series(1, 29) WHERE email_canonical = '" +
      email + "'"
  );

  for (const auto& address : {own.address(), email, std::string("member@acme.test"), linker + "@acme.test"})
    expect_problem(join(address), 429, "rate_limited");
}

TEST_F(InvitationLimitsTest, ItIsNotSentAgainWithinAMinute) {
  const auto made = world().invited(email);

  const auto again = world().client_of("admin").post("/api/invitations/resend/" + made.id, "");

  expect_problem(again, 429, "resend_too_soon");
  EXPECT_LE(std::stoi(again.response.header("retry-after")), 60);
  expect_problem(world().invite("admin", email, R"(,"onConflict":"resend")"), 429, "resend_too_soon");
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
  expect_problem(world().invite("admin", email, R"(,"onConflict":"resend")"), 429, "resend_limit_reached");
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
  expect_problem(
      one.post("/api/invitations/accept", invitation_world::acceptance(made.token)), 429, "rate_limited"
  );
  expect_problem(one.post("/api/invitations/decline", body), 429, "rate_limited");
  expect_problem(one.post("/api/invitations/request-new", body), 429, "rate_limited");
  expect_problem(one.post("/api/invitation-links/lookup", body), 429, "rate_limited");
  expect_problem(
      one.post("/api/invitation-links/join", R"({"token":")" + made.token + R"(","email":")" + email + "\"}"),
      429,
      "rate_limited"
  );
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
      "SELECT count(*) FROM user_invitations i JOIN tenants t USING (tenant_id) WHERE t.id = 'acme'"
      " AND NOT EXISTS (SELECT FROM invitation_applications a"
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
