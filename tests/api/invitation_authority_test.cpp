// Taking back, deciding and sending again what one could not give, or not any more; and with which key.
#include "tests/api/invitation_world.hpp"
#include "tests/api/lost_commits.hpp"
#include "tests/api/unheard.hpp"

namespace tessera::test {

namespace {

constexpr auto at_org_1 =
    R"(,"entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"viewer"}])";

class InvitationAuthorityTest : public testing::Test {
protected:
  void set_policies(const std::string& policies) {
    const auto set = answer_after_all([&] {
      return world.service.operator_client().put("/api/tenants/acme", R"({"policies":)" + policies + "}");
    });
    ASSERT_EQ(set.status(), 200) << set.response.body;
  }
  void TearDown() override { set_policies(R"({"approveTenantAdmin":false,"floatingUsers":false})"); }

  /// Its id: it was accepted.
  std::string accepted(const std::string& more = {}, const std::string& by = "admin") {
    const auto made = world.invited(world.address(), more, by);
    EXPECT_EQ(world.accept(made.token).status(), 200);
    return made.id;
  }
  /// Of one that somebody has to agree to.
  std::string waiting(const std::string& by = "admin") {
    const auto made = world.invite(by, world.address(), std::string(R"(,"role":"tenant_admin")") + at_org_1);
    EXPECT_EQ(text_at(made.response.body, "/status"), "pending_approval") << made.response.body;
    return text_at(made.response.body, "/invitationId");
  }
  static http_exchange
  call(http_client& by, const std::string& id, const std::string& what, const std::string& key = {}) {
    return by.post(
        "/api/invitations/" + id + "/" + what,
        what == "reject" ? R"({"reason":"No."})" : "{}",
        key.empty() ? header_list{} : header_list{{"Idempotency-Key", key}}
    );
  }

  invitation_world& world = invitation_world::instance();
};

} // namespace

TEST_F(InvitationAuthorityTest, WhatSomebodyCouldNotGiveTheyNeitherTakeBackNorDecide) {
  const auto given = accepted(std::string(R"(,"role":"organization_admin")") + at_org_1);
  set_policies(R"({"approveTenantAdmin":true})");
  const auto wanted = waiting();

  auto by = world.client_of("org_admin");
  expect_problem(call(by, given, "revoke-access"), 403, "role_not_grantable");
  for (const auto* what : {"approve", "reject"})
    expect_problem(call(by, wanted, what), 403, "role_not_grantable");
  EXPECT_EQ(world.status_of(wanted), "pending_approval");
}

/// The rows say what somebody may, also where the node has not heard of it yet.
TEST_F(InvitationAuthorityTest, WhoeverIsLessThanTheyWereNeitherTakesBackNorDecides) {
  const auto email = world.address();
  const auto name = "lesser-" + email.substr(0, email.find('@'));
  world.hire(name, "tenant_admin");
  const auto given = accepted({}, name);
  const auto link = world.client_of(name).post(
      "/api/invitation-links",
      R"({"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}]})"
  );
  ASSERT_EQ(link.status(), 201) << link.response.body;
  set_policies(R"({"approveTenantAdmin":true})");
  const auto wanted = waiting(name);
  change_unheard(
      world.service,
      world.client_of("admin"),
      "UPDATE users SET role = (SELECT min(role) FROM users) WHERE email = '" + name + "@acme.test'"
  );
  auto by = world.client_of(name);

  expect_problem(call(by, given, "revoke-access"), 403, "entity_out_of_scope");
  for (const auto* what : {"approve", "reject"})
    expect_problem(call(by, wanted, what), 403, "entity_out_of_scope");
  expect_problem(
      by.remove("/api/invitation-links/" + text_at(link.response.body, "/linkId")), 403, "entity_out_of_scope"
  );
  EXPECT_EQ(world.status_of(given), "accepted");
  EXPECT_EQ(world.status_of(wanted), "pending_approval");
}

TEST_F(InvitationAuthorityTest, AKeyStandsForOneInvitation) {
  set_policies(R"({"approveTenantAdmin":true})");
  auto ruler = world.service.operator_client();
  ruler.set_header("X-Tenant", "acme");
  for (const std::string what : {"revoke-access", "approve", "reject"}) {
    const auto one = what == "revoke-access" ? accepted() : waiting();
    const auto other = what == "revoke-access" ? accepted() : waiting();
    for (const auto* replayed : {"", "true"}) {
      const auto first = call(ruler, one, what, what + one);
      EXPECT_EQ(first.status(), 200) << what << first.response.body;
      EXPECT_EQ(first.response.header("idempotent-replayed"), replayed) << what;
    }
    expect_problem(call(ruler, other, what, what + one), 422, "idempotency_key_reused");
  }
}

TEST_F(InvitationAuthorityTest, WhatPerhapsHappenedIsToldToWhoAsksAgain) {
  set_policies(R"({"approveTenantAdmin":true})");
  auto ruler = world.service.operator_client();
  ruler.set_header("X-Tenant", "acme");
  for (const std::string what : {"revoke-access", "approve", "reject"}) {
    const auto id = what == "revoke-access" ? accepted() : waiting();
    lost_commits(world.service, {"invitation_activities"}).expect_unknown([&] {
      return call(ruler, id, what, "lost-" + id);
    });
    const auto again = answer_after_all([&] { return call(ruler, id, what, "lost-" + id); });
    EXPECT_EQ(again.status(), 200) << what << again.response.body;
  }
  const auto over = world.invited(world.address());
  world.sql(
      "UPDATE user_invitations SET expires_at = clock_timestamp() WHERE invitation_id = '" + over.id + "'"
  );
  const auto ask = [&] {
    return world.service.client().post("/api/invitations/request-new", R"({"token":")" + over.token + "\"}");
  };
  lost_commits(world.service, {"invitation_activities"}).expect_unknown(ask);
  EXPECT_EQ(answer_after_all(ask).status(), 202);
}

TEST_F(InvitationAuthorityTest, WhatIsSentAgainMustStillFit) {
  set_policies(R"({"floatingUsers":true})");
  hear_everything(world.client_of("admin"));
  const auto made = world.invited(world.address(), R"(,"entityAssignments":[])");
  set_policies(R"({"floatingUsers":false})");

  expect_problem(
      world.client_of("admin").post("/api/invitations/resend/" + made.id, ""), 422, "invalid_assignments"
  );
}

} // namespace tessera::test
