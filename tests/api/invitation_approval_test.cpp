// Four eyes for what makes a tenant_admin, where the tenant's policy says so (W-41).
#include "tests/api/invitation_world.hpp"
#include "tests/api/mailbox.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

const std::string at_a_location =
    R"("entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}])";

class InvitationApprovalTest : public testing::Test {
protected:
  static invitation_world& world() {
    static invitation_world& one = [&]() -> invitation_world& {
      auto& found = invitation_world::instance();
      found.hire("second", "tenant_admin");
      found.hire("admin+2", "tenant_admin");
      return found;
    }();
    return one;
  }
  void set(bool on) {
    const auto set = world().service.operator_client().put(
        "/api/tenants/acme",
        std::string(R"({"policies":{"approveTenantAdmin":)") + (on ? "true}}" : "false}}")
    );
    ASSERT_EQ(set.status(), 200) << set.response.body;
  }
  void SetUp() override { set(true); }
  void TearDown() override { set(false); }

  std::string invited() {
    const auto made = world().invite("admin", email, R"(,"role":"tenant_admin")");
    EXPECT_EQ(made.status(), 201) << made.response.body;
    EXPECT_EQ(text_at(made.response.body, "/status"), "pending_approval");
    EXPECT_THAT(made.response.body, HasSubstr(R"("invitationToken":null)"));
    return text_at(made.response.body, "/invitationId");
  }
  http_exchange approve(const std::string& invitation, const std::string& by) {
    return world().client_of(by).post("/api/invitations/" + invitation + "/approve", "{}");
  }
  http_exchange reject(const std::string& invitation, const std::string& by, const std::string& body) {
    return world().client_of(by).post("/api/invitations/" + invitation + "/reject", body);
  }
  static http_client ruler() {
    auto one = world().service.operator_client();
    one.set_header("X-Tenant", "acme");
    return one;
  }
  static void send_an_hour_ago(const std::string& id) {
    world().sql(
        "UPDATE user_invitations SET last_sent_at = last_sent_at - interval '1 hour' WHERE invitation_id = "
        "'" +
        id + "'"
    );
  }
  static std::string count(const std::string& from) { return world().sql("SELECT count(*) FROM " + from); }

  const std::string email = world().address();
};

} // namespace

TEST_F(InvitationApprovalTest, W41NothingIsSentBeforeSomebodyElseAgrees) {
  const auto id = invited();
  EXPECT_EQ(count("invitation_tokens WHERE invitation_id = '" + id + "'"), "0");
  EXPECT_EQ(
      count("outbox WHERE kind = 'invitation.created' AND payload->>'invitationId' = '" + id + "'"), "0"
  );
  expect_problem(world().accept(world().token_by("email", id)), 404, "invitation_not_found");
  expect_problem(approve(id, "admin"), 403, "own_approval");

  const auto agreed = approve(id, "second");

  ASSERT_EQ(agreed.status(), 200) << agreed.response.body;
  EXPECT_EQ(text_at(agreed.response.body, "/status"), "pending");
  expect_problem(approve(id, "second"), 409, "invitation_not_pending_approval");
  const auto accepted = world().accept(world().token_by("email", id));
  ASSERT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_EQ(text_at(accepted.response.body, "/role"), "tenant_admin");
  EXPECT_THAT(world().activities(id), ElementsAre("created", "approval_requested", "approved", "accepted"));
}

/// Nobody knows how long they would be held.
TEST_F(InvitationApprovalTest, WhatWaitsBringsNoStarterCredits) {
  const auto made = world().invite(
      "admin",
      email,
      R"(,"role":"tenant_admin","entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}])"
      R"(,"starterCredits":{"fromEntityType":"organization","fromEntityId":"org-1","toEntityType":"location",)"
      R"("toEntityId":"loc-1","credits":1})"
  );
  expect_problem(made, 409, "approval_required");
}

TEST_F(InvitationApprovalTest, ThoseWhoMayAgreeAreAsked) {
  const auto id = invited();

  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return count(
               "notifications WHERE kind = 'invitation.approval_requested' AND status = 'sent'"
               " AND recipient = 'second@acme.test' AND ref_id = '" +
               id + "'"
           ) == "1";
  }));
  EXPECT_EQ(
      count("notifications WHERE kind = 'invitation.approval_requested' AND recipient = 'admin@acme.test'"),
      "0"
  ) << "whoever invited is not who may agree";
}

TEST_F(InvitationApprovalTest, W39AnAliasOfWhoInvitedIsNotSomebodyElse) {
  const auto id = invited();

  expect_problem(approve(id, "admin+2"), 403, "own_approval");
  expect_problem(reject(id, "admin+2", R"({"reason":"No."})"), 403, "own_approval");
  EXPECT_EQ(world().status_of(id), "pending_approval");
}

TEST_F(InvitationApprovalTest, ANoHasAReasonAndIsFinal) {
  const auto id = invited();
  expect_problem(reject(id, "second", "{}"), 422, "validation_failed");

  const auto refused = reject(id, "second", R"({"reason":"Two are enough"})");

  ASSERT_EQ(refused.status(), 200) << refused.response.body;
  EXPECT_EQ(text_at(refused.response.body, "/status"), "cancelled");
  EXPECT_EQ(text_at(refused.response.body, "/reason"), "Two are enough");
  expect_problem(approve(id, "second"), 409, "invitation_not_pending_approval");
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return count(
               "notifications WHERE kind = 'invitation.rejected' AND status = 'sent' AND ref_id = '" + id +
               "'"
           ) == "1";
  }));
  EXPECT_THAT(
      mailbox(world().service.spool()).only_to("admin@acme.test", "Two are enough"),
      HasSubstr("was not approved")
  );
}

TEST_F(InvitationApprovalTest, WhoeverCouldNotGiveItDoesNotDecide) {
  const auto id = invited();

  expect_problem(approve(id, "org_admin"), 404, "invitation_not_found");
  expect_problem(approve(id, "stranger"), 404, "invitation_not_found");
  expect_problem(approve(id, "member"), 403, "insufficient_role");
  auto ruler = world().service.operator_client();
  ruler.set_header("X-Tenant", "acme");
  EXPECT_EQ(ruler.post("/api/invitations/" + id + "/approve", "{}").status(), 200);
}

TEST_F(InvitationApprovalTest, ItIsNotChangedWhileItWaits) {
  const auto id = invited();

  expect_problem(
      world().client_of("admin").put("/api/invitations/" + id, R"({"firstName":"Ann"})"),
      409,
      "invitation_not_pending"
  );
  expect_problem(
      world().client_of("admin").post("/api/invitations/resend/" + id, "{}"), 409, "invitation_not_pending"
  );
  expect_problem(
      world().invite("admin", email, R"(,"role":"tenant_admin")"), 409, "invitation_already_pending"
  );
}

TEST_F(InvitationApprovalTest, WhatWasApprovedIsSentAgainButNotMadeMore) {
  const auto made = world().invited(email);
  expect_problem(
      world().client_of("admin").put("/api/invitations/" + made.id, R"({"role":"tenant_admin"})"),
      409,
      "approval_required"
  );
  ASSERT_EQ(world().client_of("admin").remove("/api/invitations/" + made.id).status(), 200);
  const auto id = invited();
  ASSERT_EQ(approve(id, "second").status(), 200);

  const auto again = world().client_of("admin").post("/api/invitations/resend/" + id, "{}");

  EXPECT_EQ(again.status(), 200) << again.response.body;
  EXPECT_EQ(world().accept(world().token_by("email", id, 2)).status(), 200);
}

TEST_F(InvitationApprovalTest, ItIsOverWhenNobodyDecidesInTime) {
  const auto id = invited();
  EXPECT_EQ(
      world().sql(
          "SELECT round(extract(epoch FROM expires_at - created_at) / 86400) FROM user_invitations WHERE "
          "invitation_id = '" +
          id + "'"
      ),
      "14"
  );

  world().sql(
      "UPDATE user_invitations SET expires_at = clock_timestamp() WHERE invitation_id = '" + id + "'"
  );

  EXPECT_EQ(world().status_of(id), "expired");
  expect_problem(approve(id, "second"), 409, "invitation_not_pending_approval");
  EXPECT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return count("invitation_activities WHERE activity_type = 'expired' AND invitation_id = '" + id + "'") ==
           "1";
  }));
}

TEST_F(InvitationApprovalTest, AnApprovalDoesNotReplaceTheInvitersAuthority) {
  const auto name = "former" + email.substr(0, email.find('@'));
  const auto inviter = world().hire(name, "tenant_admin");
  const auto made = world().invite(name, email, R"(,"role":"tenant_admin")");
  const auto id = text_at(made.response.body, "/invitationId");
  ASSERT_EQ(approve(id, "second").status(), 200);
  ASSERT_EQ(world().client_of("second").remove("/api/users/" + inviter).status(), 200);

  expect_problem(world().accept(world().token_by("email", id)), 409, "invitation_authority_lost");
}

/// What the operator sends or changes they agree to, and nobody else has to.
TEST_F(InvitationApprovalTest, W41WhatTheOperatorSendsAgainCanBeAccepted) {
  set(false);
  const auto made = world().invited(email, R"(,"role":"tenant_admin")");
  set(true);
  expect_problem(world().accept(made.token), 409, "approval_required");
  send_an_hour_ago(made.id);

  const auto sent = ruler().post("/api/invitations/resend/" + made.id, "");

  ASSERT_EQ(sent.status(), 200) << sent.response.body;
  EXPECT_EQ(
      text_at(world().client_of("admin").get("/api/invitations/" + made.id).response.body, "/approvedBy"),
      "operator"
  );
  const auto accepted = world().accept(text_at(sent.response.body, "/invitationToken"));
  ASSERT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_EQ(text_at(accepted.response.body, "/role"), "tenant_admin");
  EXPECT_THAT(world().activities(made.id), IsSupersetOf({"resent", "approved"}));
}

/// They agree to what they see: not to what else is pending for somebody they invite.
TEST_F(InvitationApprovalTest, W41WhatTheOperatorOnlyMeetsStillWaits) {
  set(false);
  const auto made = world().invited(email, R"(,"role":"tenant_admin",)" + at_a_location);
  set(true);
  send_an_hour_ago(made.id);

  const auto met = ruler().post(
      "/api/invitations",
      R"({"email":")" + email + R"(","role":"user","onConflict":"resend",)" + at_a_location + "}"
  );

  ASSERT_EQ(met.status(), 201) << met.response.body;
  ASSERT_EQ(text_at(met.response.body, "/invitationId"), made.id) << met.response.body;
  expect_problem(world().accept(text_at(met.response.body, "/invitationToken")), 409, "approval_required");
  EXPECT_THAT(world().activities(made.id), Not(Contains("approved")));
}

TEST_F(InvitationApprovalTest, W41WhatTheOperatorCorrectsStillWaits) {
  set(false);
  const auto made = world().invited(email, R"(,"role":"tenant_admin")");
  set(true);

  for (const std::string change :
       {R"({"firstName":"Ann"})", R"({"expiryHours":24})", R"({"role":"tenant_admin"})"})
    ASSERT_EQ(ruler().put("/api/invitations/" + made.id, change).status(), 200) << change;

  expect_problem(world().accept(made.token), 409, "approval_required");
  EXPECT_THAT(world().activities(made.id), Not(Contains("approved")));
}

TEST_F(InvitationApprovalTest, W41WhatTheOperatorMakesOfItCanBeAccepted) {
  const auto made = world().invited(email);

  const auto raised = ruler().put("/api/invitations/" + made.id, R"({"role":"tenant_admin"})");

  ASSERT_EQ(raised.status(), 200) << raised.response.body;
  EXPECT_EQ(text_at(raised.response.body, "/approvedBy"), "operator");
  EXPECT_THAT(world().activities(made.id), ElementsAre("created", "updated", "approved"));
  const auto accepted = world().accept(made.token);
  ASSERT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_EQ(text_at(accepted.response.body, "/role"), "tenant_admin");
}

} // namespace tessera::test
