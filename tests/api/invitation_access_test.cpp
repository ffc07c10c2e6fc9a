// What an invitation gave is taken back, and one that is over is asked for again.
#include "tests/api/invitation_world.hpp"
#include "tests/api/mailbox.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr auto everywhere = R"(,"applicationAccess":["crm","hr"],"entityAssignments":[)"
                            R"({"entityType":"organization","entityId":"org-1","role":"editor"},)"
                            R"({"entityType":"location","entityId":"loc-1","role":"editor"}])";

class InvitationAccessTest : public testing::Test {
protected:
  invitation_world& world = invitation_world::instance();
  const std::string email = world.address();

  http_exchange revoke(const std::string& invitation, const std::string& by = "admin") const {
    return world.client_of(by).post("/api/invitations/" + invitation + "/revoke-access", "{}");
  }
  /// By somebody who has an account, with the link of the mail.
  void accept_signed_in(const std::string& invitation, const std::string& password) const {
    auto them = world.service.client(world.access_token(email, password));
    const auto accepted = them.post(
        "/api/invitations/accept",
        R"({"token":")" + world.token_by("email", invitation) + R"(","acceptTerms":true})"
    );
    ASSERT_EQ(accepted.status(), 200) << accepted.response.body;
  }
  std::string user_id() const { return world.sql("SELECT user_id FROM users WHERE email = '" + email + "'"); }
  std::string user() const { return world.client_of("admin").get("/api/users/" + user_id()).response.body; }
  http_exchange request_new(const std::string& token) const {
    return world.service.client().post("/api/invitations/request-new", R"({"token":")" + token + "\"}");
  }
  void erase() const {
    const auto erased = world.client_of("admin").post("/api/privacy/erase", R"({"email":")" + email + "\"}");
    ASSERT_EQ(erased.status(), 200) << erased.response.body;
  }
  void end(const std::string& invitation) const {
    world.sql(
        "UPDATE user_invitations SET expires_at = clock_timestamp() - interval '1 second'"
        " WHERE invitation_id = '" +
        invitation + "'"
    );
  }
};

} // namespace

TEST_F(InvitationAccessTest, TakesBackWhatItGaveAndNothingElse) {
  world.service.create_user(
      "acme", email, invitation_world::password, "user", {"location/loc-1:viewer"}, {"crm"}
  );
  const auto made = world.invited(email, everywhere);
  accept_signed_in(made.id, invitation_world::password);
  ASSERT_THAT(user(), AllOf(HasSubstr("org-1"), HasSubstr("\"hr\"")));

  const auto taken = revoke(made.id);

  ASSERT_EQ(taken.status(), 200) << taken.response.body;
  EXPECT_THAT(
      taken.response.body,
      HasSubstr(R"("entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"editor",)"
                R"("remaining":null},{"entityType":"location","entityId":"loc-1","role":"editor",)"
                R"("remaining":"viewer"}],"applicationAccess":["hr"])")
  );
  const auto left = user();
  EXPECT_THAT(left, AllOf(Not(HasSubstr("org-1")), Not(HasSubstr("\"hr\"")), HasSubstr("\"crm\"")));
  EXPECT_EQ(text_at(left, "/entityAssignments/0/role"), "viewer");
  EXPECT_THAT(world.activities(made.id), Contains("access_revoked"));
}

TEST_F(InvitationAccessTest, WhatAnotherInvitationGaveStaysWhicheverIsRevokedFirst) {
  const auto first = world.invited(email);
  ASSERT_EQ(world.accept(first.token).status(), 200);
  const auto second = world.invited(email, everywhere);
  accept_signed_in(second.id, "SecurePass123!");

  ASSERT_EQ(revoke(first.id).status(), 200);
  EXPECT_THAT(user(), AllOf(HasSubstr("org-1"), HasSubstr("loc-1"), Not(HasSubstr("viewer"))));
  const auto last = revoke(second.id);

  EXPECT_THAT(last.response.body, Not(HasSubstr("viewer"))) << "the first one's is not there to come back";
  EXPECT_EQ(size_at(user(), "/entityAssignments"), 0u);
  EXPECT_EQ(size_at(user(), "/applicationAccess"), 0u);
}

TEST_F(InvitationAccessTest, ARoleGoesAndTheAccessTokensWithIt) {
  const auto made = world.invited(
      email,
      R"(,"role":"organization_admin","applicationAccess":["crm"],)"
      R"("entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"viewer"}])"
  );
  ASSERT_EQ(world.accept(made.token).status(), 200);
  auto them = world.service.client(world.access_token(email, "SecurePass123!"));
  them.set_header("X-Application", "crm");
  ASSERT_EQ(them.get("/api/invitations").status(), 200);

  const auto taken = revoke(made.id);
  const auto again = revoke(made.id);

  EXPECT_EQ(text_at(taken.response.body, "/role"), "user");
  EXPECT_TRUE(wait_until(milliseconds{5'000}, [&] { return them.get("/api/invitations").status() == 401; }));
  EXPECT_EQ(again.status(), 200) << again.response.body;
  EXPECT_EQ(size_at(again.response.body, "/entityAssignments"), 0u);
  EXPECT_EQ(
      world.sql(
          "SELECT count(*) FROM invitation_activities WHERE activity_type = 'access_revoked' AND "
          "invitation_id = '" +
          made.id + "'"
      ),
      "1"
  );
}

TEST_F(InvitationAccessTest, WhatAnAdministratorDecidedSinceStays) {
  const auto made = world.invited(email);
  ASSERT_EQ(world.accept(made.token).status(), 200);
  ASSERT_EQ(
      world.client_of("admin")
          .put(
              "/api/users/" + user_id(),
              R"({"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"editor"}]})"
          )
          .status(),
      200
  );

  ASSERT_EQ(revoke(made.id).status(), 200);

  EXPECT_EQ(text_at(user(), "/entityAssignments/0/role"), "editor");
}

TEST_F(InvitationAccessTest, WhatAnAdministratorTookAwayAndGaveAgainStays) {
  const auto made = world.invited(
      email,
      R"(,"role":"organization_admin","applicationAccess":["crm"],)"
      R"("entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"viewer"}])"
  );
  ASSERT_EQ(world.accept(made.token).status(), 200);
  const auto put = [this](const std::string& body) {
    const auto edited = world.client_of("admin").put("/api/users/" + user_id(), body);
    ASSERT_EQ(edited.status(), 200) << edited.response.body;
  };
  put(R"({"role":"user","applicationAccess":[],"entityAssignments":[{"entityType":"location","entityId":"loc-2","role":"viewer"}]})"
  );
  put(R"({"role":"organization_admin","applicationAccess":["crm"],)"
      R"("entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"viewer"}]})");

  const auto taken = revoke(made.id);

  ASSERT_EQ(taken.status(), 200) << taken.response.body;
  EXPECT_EQ(text_at(user(), "/role"), "organization_admin");
  EXPECT_EQ(text_at(user(), "/entityAssignments/0/entityId"), "org-1");
  EXPECT_EQ(text_at(user(), "/applicationAccess/0"), "crm");
  EXPECT_EQ(size_at(taken.response.body, "/entityAssignments"), 0u);
}

TEST_F(InvitationAccessTest, IsTakenBackFromWhoeverWasErased) {
  const auto at_once = world.invited(email);
  ASSERT_EQ(world.accept(at_once.token).status(), 200);
  const auto other = world.address();
  const auto by_itself = world.invited(other);
  ASSERT_EQ(world.accept(by_itself.token).status(), 200);
  erase();
  world.sql(
      "UPDATE user_invitations SET expires_at = clock_timestamp() - interval '91 days', accepted_at = "
      "clock_timestamp() - interval '91 days' WHERE invitation_id = '" +
      by_itself.id + "'"
  );
  ASSERT_TRUE(wait_until(milliseconds{30'000}, [&] {
    return world.sql(
               "SELECT count(*) FROM user_invitations WHERE erased_at IS NOT NULL AND invitation_id IN ('" +
               at_once.id + "','" + by_itself.id + "')"
           ) == "2";
  }));

  for (const auto& id : {at_once.id, by_itself.id}) {
    const auto taken = revoke(id);
    EXPECT_EQ(taken.status(), 200) << taken.response.body;
    EXPECT_EQ(size_at(taken.response.body, "/entityAssignments"), 1u);
  }

  EXPECT_EQ(
      world.sql(
          "SELECT count(*) FROM memberships JOIN users USING (tenant_id, user_id) WHERE email IN ('" + email +
          "','" + other + "')"
      ),
      "0"
  );
}

TEST_F(InvitationAccessTest, WhoeverWasErasedIsSentNothingAgain) {
  const auto over = world.invited(email);
  end(over.id);
  erase();

  expect_problem(
      world.client_of("admin").post("/api/invitations/resend/" + over.id, "{}"), 409, "invitation_not_pending"
  );
}

TEST_F(InvitationAccessTest, OnlyWhatWasAcceptedAndOnlyByWhoCouldGiveIt) {
  const auto pending = world.invited(email);
  expect_problem(revoke(pending.id), 409, "invitation_not_accepted");
  ASSERT_EQ(world.accept(pending.token).status(), 200);
  const auto above = world.invited(world.address(), everywhere);

  expect_problem(revoke(above.id, "manager"), 404, "invitation_not_found");
  expect_problem(revoke(pending.id, "stranger"), 404, "invitation_not_found");
  expect_problem(revoke(pending.id, "member"), 403, "insufficient_role");
  EXPECT_EQ(revoke(pending.id, "manager").status(), 200);
}

TEST_F(InvitationAccessTest, TheLastTenantAdminStays) {
  auto stranger = world.client_of("stranger");
  const auto invited =
      stranger.post("/api/invitations", R"({"email":")" + email + R"(","role":"tenant_admin"})");
  ASSERT_EQ(invited.status(), 201) << invited.response.body;
  ASSERT_EQ(world.accept(text_at(invited.response.body, "/invitationToken")).status(), 200);
  world.sql("UPDATE users SET status = 'disabled' WHERE email = 'admin@other.test'");
  auto ruler = world.service.operator_client();
  ruler.set_header("X-Tenant", "other");

  const auto refused = ruler.post(
      "/api/invitations/" + text_at(invited.response.body, "/invitationId") + "/revoke-access", "{}"
  );
  world.sql("UPDATE users SET status = 'active' WHERE email = 'admin@other.test'");

  expect_problem(refused, 409, "last_tenant_admin");
  EXPECT_EQ(world.sql("SELECT role FROM users WHERE email = '" + email + "'"), "4");
}

TEST_F(InvitationAccessTest, TheInviterIsAskedForANewOneOnceADay) {
  const auto made = world.invited(email);
  end(made.id);
  const auto looked = world.look_up(made.token);
  expect_problem(looked, 410, "invitation_expired");
  EXPECT_EQ(boolean_at(looked.response.body, "/canRequestNew"), true);

  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(request_new(made.token).status(), 202);

  const auto asked = world.activities(made.id);
  EXPECT_EQ(std::count(asked.begin(), asked.end(), "reissue_requested"), 1);
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return world.sql(
               "SELECT count(*) FROM notifications WHERE kind = 'invitation.reissue_requested'"
               " AND status = 'sent' AND ref_id = '" +
               made.id + "'"
           ) == "1";
  }));
  EXPECT_NO_THROW(mailbox(world.service.spool()).only_to("admin@acme.test", "asks for a new invitation"));
}

TEST_F(InvitationAccessTest, AskingForANewOneSaysNothing) {
  const auto pending = world.invited(email);
  const auto over = world.invited(world.address());
  end(over.id);

  const auto heard = request_new(over.token);
  for (const auto& token : {pending.token, "tsi_" + std::string(43, 'a'), std::string("x")}) {
    const auto other = request_new(token);
    EXPECT_EQ(other.status(), heard.status());
    EXPECT_EQ(other.response.body, heard.response.body);
  }
  EXPECT_EQ(world.status_of(pending.id), "pending");
  EXPECT_THAT(world.activities(pending.id), Not(Contains("reissue_requested")));
}

} // namespace tessera::test
