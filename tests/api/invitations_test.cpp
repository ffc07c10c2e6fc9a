// Invitations, from the call that invites to the account that works. What other systems got wrong is named by
// its number (docs/invitations-weaknesses.md).
#include "tests/api/invitation_world.hpp"

#include <gmock/gmock.h>

#include <regex>

namespace tessera::test {

namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class InvitationsTest : public testing::Test {
protected:
  invitation_world& world = invitation_world::instance();
  const std::string email = world.address();
};

} // namespace

TEST_F(InvitationsTest, TakesTheCallsOfTheBriefAndAnswersAsItDoes) {
  auto by = world.client_of("admin");
  const auto invited = by.post(
      "/api/invitations",
      R"({"email":"john.doe@company.com","phone":"+91-9876543210","firstName":"John","lastName":"Doe","role":"user",)"
      R"("entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"editor"},)"
      R"({"entityType":"location","entityId":"loc-2","role":"viewer"}],"applicationAccess":["crm","hr","finance"],)"
      R"("sendNotification":true,"expiryHours":168})"
  );
  ASSERT_EQ(invited.status(), 201) << invited.response.body;
  const auto& made = invited.response.body;
  const auto token = text_at(made, "/invitationToken");
  EXPECT_EQ(boolean_at(made, "/success"), true);
  EXPECT_THAT(text_at(made, "/invitationId"), StartsWith("inv-"));
  EXPECT_TRUE(std::regex_match(token, std::regex("tsi_[A-Za-z0-9_-]{43}"))) << token;
  EXPECT_EQ(text_at(made, "/inviteUrl"), world.service.base_url() + "/accept-invitation?token=" + token);
  EXPECT_EQ(invited.response.header("cache-control"), "no-store");

  const auto accepted = world.service.client().post(
      "/api/invitations/accept",
      R"({"token":")" + token +
          R"(","password":"SecurePass123!","confirmPassword":"SecurePass123!","acceptTerms":true,)"
          R"("timezone":"Asia/Kolkata","language":"en"})"
  );
  ASSERT_EQ(accepted.status(), 200) << accepted.response.body;
  const auto& account = accepted.response.body;
  EXPECT_THAT(text_at(account, "/userId"), StartsWith("usr-"));
  EXPECT_EQ(text_at(account, "/email"), "john.doe@company.com");
  EXPECT_THAT(
      account,
      AllOf(
          HasSubstr(
              R"("organizations":["org-1"],"locations":["loc-2"],"applications":["crm","hr","finance"],)"
          ),
          HasSubstr(R"("roles":["editor","viewer"],"role":"user","emailVerified":false,"otherPending":0)")
      )
  );

  const auto session = world.access_token("john.doe@company.com", "SecurePass123!");
  const auto me = world.service.client(session).get("/api/auth/me");
  ASSERT_EQ(me.status(), 200) << me.response.body;
  EXPECT_THAT(me.response.body, AllOf(HasSubstr("Asia/Kolkata"), HasSubstr("org-1"), HasSubstr("finance")));
}

TEST_F(InvitationsTest, W07NoReadShowsATokenOrALink) {
  const auto made = world.invited(email);
  auto by = world.client_of("admin");

  for (const auto& path :
       {"/api/invitations?email=" + email,
        "/api/invitations/" + made.id,
        "/api/invitations/" + made.id + "/activities"}) {
    const auto answer = by.get(path);
    EXPECT_EQ(answer.status(), 200) << answer.response.body;
    EXPECT_THAT(answer.response.body, AllOf(Not(HasSubstr("tsi_")), Not(HasSubstr("accept-invitation"))));
  }
}

TEST_F(InvitationsTest, W08NoTokenIsAtRest) {
  const auto made = world.invited(email, R"(,"phone":"+919876543210")");
  const auto mail = world.token_by("email", made.id);
  const auto direct = world.token_by("direct_link", made.id);
  ASSERT_EQ(direct, made.token);

  for (const std::string table :
       {"user_invitations", "invitation_tokens", "invitation_activities", "outbox", "idempotency_answers"}) {
    const auto rows = world.sql("SELECT coalesce(string_agg(t::text, ' '), '') FROM " + table + " t");
    EXPECT_THAT(rows, AllOf(Not(HasSubstr(mail)), Not(HasSubstr(direct)), Not(HasSubstr("tsi_")))) << table;
  }
  EXPECT_EQ(world.sql("SELECT count(*) FROM invitation_tokens WHERE invitation_id = '" + made.id + "'"), "3");
}

TEST_F(InvitationsTest, ARepeatedCallGetsTheSameTokenWhichIsDerivedAgain) {
  auto by = world.client_of("admin");
  const header_list key{{"Idempotency-Key", "invite-" + email}};

  const auto first = by.post("/api/invitations", world.invitation(email), key);
  const auto again = by.post("/api/invitations", world.invitation(email), key);
  const auto other = by.post("/api/invitations", world.invitation(email, R"(,"expiryHours":1)"), key);

  EXPECT_EQ(first.status(), 201) << first.response.body;
  EXPECT_EQ(again.response.body, first.response.body);
  EXPECT_EQ(again.response.header("idempotent-replayed"), "true");
  expect_problem(other, 422, "idempotency_key_reused");
  EXPECT_THAT(
      world.sql("SELECT body FROM idempotency_answers WHERE body LIKE '%inviteUrl%' ORDER BY created_at DESC "
                "LIMIT 1"),
      Not(HasSubstr("tsi_"))
  );
}

TEST_F(InvitationsTest, W07WhatACallerWritesIsNeverTakenForAToken) {
  const auto secret = world.invited(email);
  const auto own = world.invited(world.address());
  const auto text = "{tsi:" + secret.id + ":1}";
  auto by = world.client_of("admin");

  const auto edited = by.put("/api/invitations/" + own.id, R"({"firstName":")" + text + "\"}");
  const auto cancelled =
      by.put("/api/invitations/" + own.id, R"({"status":"cancelled","reason":")" + text + "\"}");

  EXPECT_EQ(edited.status(), 200) << edited.response.body;
  EXPECT_EQ(text_at(edited.response.body, "/firstName"), text);
  EXPECT_THAT(edited.response.body, Not(HasSubstr("tsi_")));
  EXPECT_THAT(cancelled.response.body, Not(HasSubstr("tsi_")));
}

TEST_F(InvitationsTest, W21WhoIsSignedInGetsItAndNobodyOfACaseTwin) {
  auto twin = email;
  twin[0] = 'P'; // the same address in another case, and the older account
  world.service.create_user("acme", twin, invitation_world::password, "user", {"location/loc-2:viewer"});
  world.service.create_user("acme", email, invitation_world::password, "user", {"location/loc-2:viewer"});
  const auto made = world.invited(email);
  auto them = world.service.client(world.access_token(email, invitation_world::password));

  const auto accepted = them.post(
      "/api/invitations/accept",
      R"({"token":")" + world.token_by("email", made.id) + R"(","acceptTerms":true})"
  );

  ASSERT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_EQ(text_at(accepted.response.body, "/email"), email);
  EXPECT_EQ(world.sql("SELECT email_verified_at IS NULL FROM users WHERE email = '" + twin + "'"), "t");
}

TEST_F(InvitationsTest, W09W10RefusesWhatIsNoTokenAndOneThatWasEdited) {
  const auto made = world.invited(email);
  auto edited = made.token;
  edited[20] = edited[20] == 'A' ? 'B' : 'A';
  auto nobody = world.service.client();

  for (const std::string body : {R"({"token":null})", R"({"token":[]})", R"({"token":1})"})
    EXPECT_EQ(nobody.post("/api/invitations/lookup", body).status(), 400) << body;
  expect_problem(nobody.post("/api/invitations/lookup", R"({})"), 422, "validation_failed");
  for (const auto& token : {std::string("x"), std::string("tsi_"), made.token + "A", edited}) {
    expect_problem(world.look_up(token), 404, "invitation_not_found");
    expect_problem(world.accept(token), 404, "invitation_not_found");
  }
  EXPECT_EQ(world.status_of(made.id), "pending");
}

TEST_F(InvitationsTest, W11AnAcceptedTokenIsNoGoodAgain) {
  const auto made = world.invited(email);
  ASSERT_EQ(world.accept(made.token).status(), 200);

  expect_problem(world.accept(made.token), 409, "invitation_already_accepted");
  expect_problem(world.look_up(made.token), 409, "invitation_already_accepted");
}

TEST_F(InvitationsTest, AnAcceptanceThatIsRepeatedWithItsKeyGetsTheFirstAnswer) {
  const auto made = world.invited(email);
  const header_list key{{"Idempotency-Key", "accept-" + email}};
  auto nobody = world.service.client();

  const auto first = nobody.post("/api/invitations/accept", world.acceptance(made.token), key);
  const auto again = nobody.post("/api/invitations/accept", world.acceptance(made.token), key);
  const auto other =
      nobody.post("/api/invitations/accept", world.acceptance(made.token, R"(,"language":"de")"), key);

  ASSERT_EQ(first.status(), 200) << first.response.body;
  EXPECT_EQ(again.status(), 200) << again.response.body;
  EXPECT_EQ(again.response.body, first.response.body);
  EXPECT_EQ(again.response.header("idempotent-replayed"), "true");
  expect_problem(other, 422, "idempotency_key_reused");
}

TEST_F(InvitationsTest, W01NobodyInvitesAboveThemselves) {
  const std::string at_loc =
      R"("entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}])";
  const std::string at_org =
      R"("entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"viewer"}])";
  const auto before = world.sql("SELECT count(*) FROM user_invitations");

  for (const std::string role : {"tenant_admin", "organization_admin", "location_manager"})
    expect_problem(
        world.invite("manager", email, R"(,"role":")" + role + "\"," + at_loc), 403, "role_not_grantable"
    );
  for (const std::string role : {"tenant_admin", "organization_admin"})
    expect_problem(
        world.invite("org_admin", email, R"(,"role":")" + role + "\"," + at_org), 403, "role_not_grantable"
    );
  expect_problem(world.invite("member", email), 403, "insufficient_role");

  EXPECT_EQ(world.sql("SELECT count(*) FROM user_invitations"), before);
}

TEST_F(InvitationsTest, W02NobodyRaisesAPendingInvitationAboveThemselves) {
  const auto made = world.invited(email, {}, "manager");
  auto by = world.client_of("manager");

  expect_problem(
      by.put("/api/invitations/" + made.id, R"({"role":"location_manager"})"), 403, "role_not_grantable"
  );
  expect_problem(
      by.put(
          "/api/invitations/" + made.id,
          R"({"entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"viewer"}]})"
      ),
      403,
      "entity_out_of_scope"
  );
  expect_problem(
      by.put("/api/invitations/" + made.id, R"({"applicationAccess":["finance"]})"),
      403,
      "application_forbidden"
  );
  EXPECT_EQ(
      text_at(world.client_of("admin").get("/api/invitations/" + made.id).response.body, "/role"), "user"
  );
}

TEST_F(InvitationsTest, W03WhoeverLostTheirRoleGivesNothingAnyMore) {
  const auto id =
      world.hire("demoted" + email.substr(0, email.find('@')), "location_manager", {"location/loc-1:viewer"});
  const auto made = world.invited(email, {}, "demoted" + email.substr(0, email.find('@')));
  const auto demoted = world.client_of("admin").put(
      "/api/users/" + id,
      R"({"role":"user","entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}]})"
  );
  ASSERT_EQ(demoted.status(), 200) << demoted.response.body;

  expect_problem(world.accept(made.token), 409, "invitation_authority_lost");

  expect_problem(world.accept(made.token), 410, "invitation_cancelled");
  EXPECT_THAT(world.activities(made.id), Contains("authority_lost"));
  EXPECT_EQ(world.sql("SELECT count(*) FROM users WHERE email = '" + email + "'"), "0");
}

TEST_F(InvitationsTest, W04OthersEntitiesAreUnknownAndThoseBesideAreForbidden) {
  const auto at = [](const std::string& id) {
    return R"(,"entityAssignments":[{"entityType":"location","entityId":")" + id + R"(","role":"viewer"}])";
  };
  const auto foreign = world.invite("org_admin", email, at("far-loc-1"));
  const auto missing = world.invite("org_admin", email, at("far-loc-9"));

  expect_problem(foreign, 404, "entity_unknown");
  expect_problem(missing, 404, "entity_unknown");
  expect_problem(world.invite("org_admin", email, at("loc-2")), 403, "entity_out_of_scope");
}

TEST_F(InvitationsTest, W05IdsAreNeverTakenApart) {
  for (const std::string id : {"loc-1,loc-2", "loc-1;loc-2", "loc-1\\u0000", "loc-1'--"}) {
    const auto answer = world.invite(
        "org_admin",
        email,
        R"(,"entityAssignments":[{"entityType":"location","entityId":")" + id + R"(","role":"viewer"}])"
    );
    EXPECT_THAT(answer.status(), testing::AnyOf(400, 422)) << answer.response.body;
  }
}

TEST_F(InvitationsTest, W06AnInvitationOfSomebodyElseIsUnknown) {
  const auto made = world.invited(
      email, R"(,"entityAssignments":[{"entityType":"location","entityId":"loc-2","role":"viewer"}])"
  );
  const auto path = "/api/invitations/" + made.id;
  for (const std::string who : {"org_admin", "manager", "stranger"}) {
    SCOPED_TRACE(who);
    auto by = world.client_of(who);
    expect_problem(by.get(path), 404, "invitation_not_found");
    expect_problem(by.put(path, R"({"firstName":"Eve"})"), 404, "invitation_not_found");
    expect_problem(by.remove(path), 404, "invitation_not_found");
    expect_problem(by.post("/api/invitations/resend/" + made.id, ""), 404, "invitation_not_found");
    expect_problem(by.get(path + "/activities"), 404, "invitation_not_found");
  }
  EXPECT_EQ(world.status_of(made.id), "pending");
  EXPECT_THAT(world.activities(made.id), ElementsAre("created"));
}

TEST_F(InvitationsTest, AnotherTenantsIdAnswersAsOneThatNothingHas) {
  const auto made = world.invited(email);
  auto missing = made.id;
  missing.back() = missing.back() == '0' ? '1' : '0';
  const auto answer = [&](const std::string& id) {
    auto body =
        world.client_of("stranger").get("/api/invitations/" + id, {{"X-Request-Id", "one"}}).response.body;
    return std::regex_replace(body, std::regex("inv-[0-9a-f-]*"), "ID");
  };
  EXPECT_EQ(answer(made.id), answer(missing));
}

TEST_F(InvitationsTest, W14WhatIsAcceptedIsNotCancelled) {
  const auto made = world.invited(email);
  ASSERT_EQ(world.accept(made.token).status(), 200);
  auto by = world.client_of("admin");

  expect_problem(by.remove("/api/invitations/" + made.id), 409, "invitation_already_accepted");
  expect_problem(
      by.put("/api/invitations/" + made.id, R"({"status":"cancelled","reason":"x"})"),
      409,
      "invitation_already_accepted"
  );
  EXPECT_EQ(world.status_of(made.id), "accepted");
}

TEST_F(InvitationsTest, IsCancelledByPutAndByDelete) {
  const auto first = world.invited(email);
  const auto second = world.invited(world.address());
  auto by = world.client_of("admin");

  const auto put = by.put(
      "/api/invitations/" + first.id, R"({"status":"cancelled","reason":"Position no longer available"})"
  );
  EXPECT_EQ(put.status(), 200) << put.response.body;
  EXPECT_EQ(text_at(put.response.body, "/reason"), "Position no longer available");
  EXPECT_EQ(by.remove("/api/invitations/" + second.id).status(), 200);
  EXPECT_EQ(by.remove("/api/invitations/" + second.id).status(), 200);

  expect_problem(world.accept(first.token), 410, "invitation_cancelled");
  expect_problem(world.look_up(second.token), 410, "invitation_cancelled");
  expect_problem(
      by.put("/api/invitations/" + first.id, R"({"status":"accepted"})"), 422, "status_not_settable"
  );
}

TEST_F(InvitationsTest, W16W17WhatIsOverIsRecordedAndMakesRoom) {
  const auto made = world.invited(email);
  expect_problem(world.invite("admin", email), 409, "invitation_already_pending");
  world.sql(
      "UPDATE user_invitations SET expires_at = clock_timestamp() WHERE invitation_id = '" + made.id + "'"
  );

  const auto over = world.look_up(made.token);
  expect_problem(over, 410, "invitation_expired");
  EXPECT_EQ(boolean_at(over.response.body, "/canRequestNew"), true);
  EXPECT_EQ(
      world.sql("SELECT status FROM user_invitations WHERE invitation_id = '" + made.id + "'"), "expired"
  );
  EXPECT_EQ(world.invite("admin", email).status(), 201);
}

TEST_F(InvitationsTest, W18W19ResendingRenewsAndKillsTheOldToken) {
  const auto made = world.invited(email);
  world.sql(
      "UPDATE user_invitations SET expires_at = clock_timestamp() WHERE invitation_id = '" + made.id + "'"
  );
  expect_problem(world.accept(made.token), 410, "invitation_expired");

  const auto again = world.client_of("admin").post("/api/invitations/resend/" + made.id, "");
  ASSERT_EQ(again.status(), 200) << again.response.body;
  const auto fresh = text_at(again.response.body, "/invitationToken");

  EXPECT_NE(fresh, made.token);
  EXPECT_EQ(world.status_of(made.id), "pending");
  expect_problem(world.accept(made.token), 410, "invitation_superseded");
  EXPECT_EQ(world.accept(fresh).status(), 200);
  EXPECT_THAT(world.activities(made.id), Contains("resent"));
}

TEST_F(InvitationsTest, W20TheAddressComesFromTheInvitation) {
  const auto made = world.invited(email);

  for (const std::string more :
       {R"(,"email":"eve@evil.test")", R"(,"role":"tenant_admin")", R"(,"entityAssignments":[])"})
    expect_problem(world.accept(made.token, more), 422, "unknown_field");
  EXPECT_EQ(world.status_of(made.id), "pending");
}

TEST_F(InvitationsTest, W22AnAccountThatIsThereKeepsItsPassword) {
  world.service.create_user("acme", email, invitation_world::password, "user", {"location/loc-2:viewer"});
  const auto hash = "SELECT password_hash FROM users WHERE email = '" + email + "'";
  const auto before = world.sql(hash);
  const auto made = world.invited(email);

  EXPECT_EQ(text_at(world.look_up(made.token).response.body, "/mode"), "sign_in");
  expect_problem(world.accept(made.token), 401, "sign_in_required");
  EXPECT_EQ(world.sql(hash), before);

  auto them = world.service.client(world.access_token(email, invitation_world::password));
  const auto mailed = world.token_by("email", made.id);
  expect_problem(them.post("/api/invitations/accept", world.acceptance(mailed)), 422, "password_not_taken");
  const auto accepted =
      them.post("/api/invitations/accept", R"({"token":")" + mailed + R"(","acceptTerms":true})");
  EXPECT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_EQ(world.sql(hash), before);
  EXPECT_EQ(boolean_at(accepted.response.body, "/emailVerified"), true);
}

TEST_F(InvitationsTest, W21WhoIsSignedInNeedsAnAddressThatIsTheirs) {
  world.service.create_user("acme", email, invitation_world::password, "user", {"location/loc-2:viewer"});
  const auto made = world.invited(email);
  auto them = world.service.client(world.access_token(email, invitation_world::password));
  auto others = world.service.client(world.tokens.at("member"));
  auto stranger = world.service.client(world.tokens.at("stranger"));
  const auto body = R"({"token":")" + made.token + R"(","acceptTerms":true})";

  expect_problem(them.post("/api/invitations/accept", body), 403, "email_not_verified");
  expect_problem(others.post("/api/invitations/accept", body), 403, "not_the_recipient");
  expect_problem(stranger.post("/api/invitations/accept", body), 404, "invitation_not_found");
  EXPECT_EQ(size_at(them.get("/api/me/invitations").response.body, "/invitations"), 0u);
  expect_problem(
      them.post("/api/me/invitations/" + made.id + "/accept", R"({"acceptTerms":true})"),
      404,
      "invitation_not_found"
  );
  EXPECT_EQ(world.status_of(made.id), "pending");
}

TEST_F(InvitationsTest, WhoIsSignedInWithAVerifiedAddressNeedsNoToken) {
  world.service.create_user("acme", email, invitation_world::password, "user", {"location/loc-2:viewer"});
  world.sql("UPDATE users SET email_verified_at = clock_timestamp() WHERE email = '" + email + "'");
  const auto first = world.invited(email);
  const auto second = world.invited(
      email, R"(,"entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"viewer"}])"
  );
  auto them = world.service.client(world.access_token(email, invitation_world::password));

  EXPECT_EQ(size_at(them.get("/api/me/invitations").response.body, "/invitations"), 2u);
  expect_problem(them.post("/api/me/invitations/" + first.id + "/accept", ""), 422, "terms_not_accepted");
  const auto accepted = them.post("/api/me/invitations/" + first.id + "/accept", R"({"acceptTerms":true})");
  ASSERT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_EQ(integer_at(accepted.response.body, "/otherPending"), 1);
  const auto declined = them.post("/api/me/invitations/" + second.id + "/decline", R"({"reason":"No time"})");
  EXPECT_EQ(declined.status(), 200) << declined.response.body;
  EXPECT_EQ(world.status_of(second.id), "declined");
  const auto rows = world.sql(
      "SELECT count(*) FROM memberships m JOIN users u USING (tenant_id, user_id) WHERE u.email = '" + email +
      "'"
  );
  EXPECT_EQ(rows, "2");
}

TEST_F(InvitationsTest, W23NoUserIsThereBeforeAcceptance) {
  world.invited(email);

  EXPECT_EQ(world.sql("SELECT count(*) FROM users WHERE email = '" + email + "'"), "0");
  EXPECT_EQ(world.access_token(email, "SecurePass123!"), "");
}

TEST_F(InvitationsTest, W24OnlyTheTokenOfTheMailProvesTheAddress) {
  const auto direct = world.invited(email);
  const auto mailed = world.invited(world.address());

  EXPECT_EQ(boolean_at(world.accept(direct.token).response.body, "/emailVerified"), false);
  const auto proved = world.accept(world.token_by("email", mailed.id));
  EXPECT_EQ(boolean_at(proved.response.body, "/emailVerified"), true) << proved.response.body;
}

TEST_F(InvitationsTest, W25OpeningTheLinkChangesNothing) {
  const auto made = world.invited(email);
  auto nobody = world.service.client();
  const auto link = "/accept-invitation?token=" + made.token;

  const auto page = nobody.get(link);
  EXPECT_EQ(page.status(), 200);
  EXPECT_THAT(page.response.header("content-security-policy"), StartsWith("default-src 'none'"));
  EXPECT_EQ(page.response.header("referrer-policy"), "no-referrer");
  EXPECT_EQ(page.response.header("cache-control"), "no-store");
  EXPECT_EQ(page.response.header("x-frame-options"), "DENY");
  EXPECT_THAT(page.response.body, AllOf(Not(HasSubstr("http://")), Not(HasSubstr("https://"))));
  nobody.send({.method = "HEAD", .target = link});
  nobody.send({.method = "OPTIONS", .target = link});
  for (const std::string call : {"accept", "decline", "lookup"})
    EXPECT_NE(nobody.get("/api/invitations/" + call + "?token=" + made.token).status(), 200);

  EXPECT_EQ(world.status_of(made.id), "pending");
  EXPECT_THAT(world.activities(made.id), ElementsAre("created"));
}

/// Neither the page nor an answer takes anybody to where a link says.
TEST_F(InvitationsTest, W27NobodyIsSentElsewhere) {
  const auto made = world.invited(email);
  auto nobody = world.service.client();
  for (const std::string name : {"redirect", "redirect_uri", "redirectUrl", "returnTo", "next", "continue"}) {
    const auto page =
        nobody.get("/accept-invitation?token=" + made.token + "&" + name + "=https%3A%2F%2Fevil.test%2F");
    EXPECT_EQ(page.response.header("location"), "") << name;
    EXPECT_THAT(page.response.body, Not(HasSubstr("evil.test"))) << name;
    expect_problem(
        world.accept(made.token, ",\"" + name + R"(":"https://evil.test/")"), 422, "unknown_field"
    );
  }
  EXPECT_EQ(world.status_of(made.id), "pending");
  const auto accepted = world.accept(made.token);
  EXPECT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_EQ(accepted.response.header("location"), "");
  EXPECT_THAT(nobody.get("/accept-invitation/script.js").response.body, Not(HasSubstr("location.assign")));
}

TEST_F(InvitationsTest, W26TheLinkIsNotMadeOfHeaders) {
  auto by = world.client_of("admin");

  const auto made = by.post(
      "/api/invitations",
      world.invitation(email),
      {{"X-Forwarded-Host", "evil.test"}, {"X-Forwarded-Proto", "gopher"}, {"Forwarded", "host=evil.test"}}
  );

  EXPECT_THAT(text_at(made.response.body, "/inviteUrl"), StartsWith(world.service.base_url() + "/"));
}

TEST_F(InvitationsTest, W30W31NamesCarryNoLinksAndNoControls) {
  for (const std::string name : {"Win at evil.com", "http://x", "A\\r\\nBcc: x", "A\\u202eB", "A\\u0085"})
    for (const std::string field : {"firstName", "lastName"}) {
      const auto answer = world.client_of("admin").post(
          "/api/invitations",
          R"({"email":")" + email + R"(","role":"tenant_admin",")" + field + R"(":")" + name + "\"}"
      );
      expect_problem(answer, 422, "invalid_name");
    }
  expect_problem(
      world.invite("admin", email, R"(,"message":"Look at http://evil.test")"), 422, "invalid_message"
  );
}

TEST_F(InvitationsTest, W32AnAddressIsADotAtom) {
  for (const std::string bad :
       {R"(\"<b>\"@x.test)", "a b@x.test", "a@x", "a@127.0.0.1", "<a@x.test>", "ä@x.test"})
    expect_problem(world.invite("admin", bad), 422, "invalid_email");
}

TEST_F(InvitationsTest, W36WhoIsInvitedIsAnsweredAlikeWhetherThereIsAnAccountOrNot) {
  world.service.create_user("acme", email, invitation_world::password);
  const auto with = world.invite("manager", email);
  const auto without = world.invite("manager", world.address());

  EXPECT_EQ(with.status(), 201) << with.response.body;
  EXPECT_EQ(without.status(), 201);
  EXPECT_EQ(names_at(with.response.body, ""), names_at(without.response.body, ""));
}

TEST_F(InvitationsTest, W38AnAddressInAnotherCaseIsTheSamePersons) {
  world.invited(email);
  auto louder = email;
  for (auto& c : louder)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);

  expect_problem(world.invite("admin", louder), 409, "invitation_already_pending");
}

TEST_F(InvitationsTest, W39NobodyInvitesThemselvesOrTheirAlias) {
  for (const std::string own : {"admin@acme.test", "ADMIN@acme.test", "admin+2@acme.test"})
    expect_problem(world.invite("admin", own), 422, "self_invitation");
}

TEST_F(InvitationsTest, W47HistoryOutlivesWhoeverInvited) {
  const auto name = "leaves" + email.substr(0, email.find('@'));
  const auto id = world.hire(name, "location_manager", {"location/loc-1:viewer"});
  const auto made = world.invited(email, {}, name);
  ASSERT_EQ(world.accept(made.token).status(), 200);
  ASSERT_EQ(world.client_of("admin").remove("/api/users/" + id).status(), 200);

  const auto still = world.client_of("admin").get("/api/invitations/" + made.id);
  EXPECT_EQ(text_at(still.response.body, "/invitedBy"), id) << still.response.body;
  EXPECT_THAT(world.activities(made.id), ElementsAre("created", "accepted"));
}

TEST_F(InvitationsTest, W50ALookupSaysNoMoreThanIsNeeded) {
  const auto made = world.invited(email, R"(,"phone":"+919876543210","message":"Welcome, friend")");

  const auto shown = world.look_up(made.token);
  ASSERT_EQ(shown.status(), 200) << shown.response.body;
  EXPECT_EQ(text_at(shown.response.body, "/emailMasked"), "p***@company.test");
  EXPECT_EQ(text_at(shown.response.body, "/mode"), "create_account");
  EXPECT_EQ(text_at(shown.response.body, "/entities/0/name"), "test");
  EXPECT_EQ(text_at(shown.response.body, "/message"), "Welcome, friend");
  for (const auto& hidden :
       {email, std::string("Doe"), std::string("9876543210"), made.id, std::string("usr-")})
    EXPECT_THAT(shown.response.body, Not(HasSubstr(hidden)));
  world.look_up(made.token);
  EXPECT_THAT(world.activities(made.id), ElementsAre("created", "viewed"));
}

TEST_F(InvitationsTest, AskForAGoodPasswordAndForTheTerms) {
  const auto made = world.invited(email);
  auto nobody = world.service.client();
  const auto accept = [&](const std::string& secret, const std::string& again, const std::string& more) {
    return nobody.post(
        "/api/invitations/accept",
        R"({"token":")" + made.token + R"(","password":")" + secret + R"(","confirmPassword":")" + again +
            "\"" + more + "}"
    );
  };
  const std::string terms = R"(,"acceptTerms":true)";
  expect_problem(accept("short", "short", terms), 422, "password_too_short");
  expect_problem(accept("password1234", "password1234", terms), 422, "password_too_common");
  expect_problem(accept("SecurePass123!", "SecurePass123?", terms), 422, "passwords_differ");
  expect_problem(accept("SecurePass123!", "SecurePass123!", ""), 422, "terms_not_accepted");
  expect_problem(
      accept("SecurePass123!", "SecurePass123!", terms + R"(,"timezone":"Mars/Olympus")"),
      422,
      "invalid_timezone"
  );
  expect_problem(
      nobody.post("/api/invitations/accept", R"({"token":")" + made.token + "\"}"), 422, "required"
  );
  EXPECT_EQ(world.status_of(made.id), "pending");
  EXPECT_EQ(accept("SecurePass123!", "SecurePass123!", terms).status(), 200);
}

TEST_F(InvitationsTest, ListsWithFiltersAndCounts) {
  const auto pending = world.invited(email);
  const auto cancelled = world.invited(world.address());
  auto by = world.client_of("admin");
  ASSERT_EQ(by.remove("/api/invitations/" + cancelled.id).status(), 200);

  const auto found = by.get("/api/invitations?email=" + email);
  ASSERT_EQ(found.status(), 200) << found.response.body;
  EXPECT_EQ(size_at(found.response.body, "/invitations"), 1u);
  EXPECT_EQ(text_at(found.response.body, "/invitations/0/invitationId"), pending.id);
  EXPECT_EQ(integer_at(found.response.body, "/counts/pending"), 1);
  EXPECT_EQ(integer_at(found.response.body, "/counts/cancelled"), 0);
  const auto newest = by.get("/api/invitations?status=cancelled&limit=1");
  EXPECT_EQ(text_at(newest.response.body, "/invitations/0/invitationId"), cancelled.id);
  EXPECT_EQ(
      by.get("/api/invitations?entityType=location&entityId=loc-1&role=user&delivery=queued").status(), 200
  );
  expect_problem(by.get("/api/invitations?colour=red"), 422, "unknown_parameter");
  expect_problem(by.get("/api/invitations?status=lost"), 422, "invalid_parameter");
  const auto seen = world.client_of("manager").get("/api/invitations?email=" + email);
  EXPECT_EQ(size_at(seen.response.body, "/invitations"), 1u);
}

TEST_F(InvitationsTest, W46AnExportHasNoFormulas) {
  const auto made = world.client_of("admin").post(
      "/api/invitations",
      R"({"email":")" + email + R"(","firstName":"=1+1","lastName":"a,b\"c","role":"tenant_admin"})"
  );
  ASSERT_EQ(made.status(), 201) << made.response.body;

  const auto file = world.client_of("admin").get("/api/invitations?email=" + email, {{"Accept", "text/csv"}});

  ASSERT_EQ(file.status(), 200);
  EXPECT_THAT(file.response.header("content-type"), StartsWith("text/csv"));
  EXPECT_THAT(file.response.body, StartsWith("invitationId,email,phone,firstName"));
  EXPECT_THAT(file.response.body, HasSubstr("," + email + R"(,,'=1+1,"a,b""c",tenant_admin,)"));
}

TEST_F(InvitationsTest, BelongToTheApplicationsThatTheyGive) {
  const auto made = world.invited(email, R"(,"applicationAccess":["hr"])");

  expect_problem(world.client_of("admin").get("/api/invitations/" + made.id), 404, "invitation_not_found");
  EXPECT_EQ(world.client_of("admin", "hr").get("/api/invitations/" + made.id).status(), 200);
  expect_problem(
      world.client_of("admin", "").get("/api/invitations/" + made.id), 400, "application_required"
  );
}

TEST_F(InvitationsTest, AreUpdatedWithAVersion) {
  const auto made = world.invited(email);
  auto by = world.client_of("admin");
  const auto path = "/api/invitations/" + made.id;
  const auto tag = by.get(path).response.header("etag");

  const auto edited = by.put(path, R"({"firstName":"Jane","expiryHours":2})", {{"If-Match", tag}});
  ASSERT_EQ(edited.status(), 200) << edited.response.body;
  EXPECT_EQ(text_at(edited.response.body, "/firstName"), "Jane");
  EXPECT_EQ(integer_at(edited.response.body, "/grantVersion"), 1);
  expect_problem(by.put(path, R"({"firstName":"June"})", {{"If-Match", tag}}), 412, "precondition_failed");

  const auto raised =
      by.put(path, R"({"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"editor"}]})");
  EXPECT_EQ(integer_at(raised.response.body, "/grantVersion"), 2) << raised.response.body;
  expect_problem(world.accept(made.token, R"(,"grantVersion":1)"), 409, "invitation_changed");
  expect_problem(by.put(path, R"({"expiresAt":"2001-01-01T00:00:00Z"})"), 422, "out_of_range");
}

TEST_F(InvitationsTest, AConflictIsRefusedResentOrReplaced) {
  const auto first = world.invited(email);

  const auto refused = world.invite("manager", email);
  expect_problem(refused, 409, "invitation_already_pending");
  EXPECT_EQ(text_at(refused.response.body, "/invitationId"), first.id);
  const auto again = world.invited(email, R"(,"onConflict":"resend")");
  EXPECT_EQ(again.id, first.id);
  expect_problem(world.look_up(first.token), 410, "invitation_superseded");
  const auto other = world.invited(email, R"(,"onConflict":"replace")");
  EXPECT_NE(other.id, first.id);
  expect_problem(world.look_up(again.token), 410, "invitation_cancelled");
}

TEST_F(InvitationsTest, WhatIsGoneIsNotGiven) {
  auto by = world.client_of("admin");
  const auto place = "gone-" + email.substr(0, email.find('@'));
  ASSERT_EQ(
      by.post("/api/locations", R"({"id":")" + place + R"(","name":"Gone","organizationId":"org-1"})")
          .status(),
      201
  );
  const auto here = R"({"entityType":"location","entityId":")" + place + R"(","role":"viewer"})";
  const auto alone = world.invited(email, R"(,"entityAssignments":[)" + here + "]");
  const auto both = world.invited(
      world.address(),
      R"(,"entityAssignments":[)" + here + R"(,{"entityType":"location","entityId":"loc-1","role":"viewer"}])"
  );
  ASSERT_EQ(by.remove("/api/locations/" + place).status(), 200);

  expect_problem(world.accept(alone.token), 409, "invitation_authority_lost");
  const auto rest = world.accept(both.token);
  EXPECT_EQ(rest.status(), 200) << rest.response.body;
  EXPECT_THAT(rest.response.body, HasSubstr(R"("locations":["loc-1"])"));
}

TEST_F(InvitationsTest, WhoHasItAllIsAMemberAlready) {
  const auto made = world.invited(email);
  ASSERT_EQ(world.accept(made.token).status(), 200);

  expect_problem(world.invite("admin", email), 409, "already_member");
  EXPECT_EQ(
      world
          .invite(
              "admin",
              email,
              R"(,"entityAssignments":[{"entityType":"location","entityId":"loc-2","role":"viewer"}])"
          )
          .status(),
      201
  );
}

TEST_F(InvitationsTest, AnAdminRoleIsNotStretchedByAnInvitationOfAPeer) {
  // Whoever administers organisations administers every one that is assigned to them.
  world.service.create_user(
      "acme", email, invitation_world::password, "organization_admin", {"organization/org-2:viewer"}
  );
  const auto made = world.invited(
      email,
      R"(,"entityAssignments":[{"entityType":"organization","entityId":"org-1","role":"viewer"}])",
      "org_admin"
  );
  auto them = world.service.client(world.access_token(email, invitation_world::password));

  const auto answer = them.post(
      "/api/invitations/accept",
      R"({"token":")" + world.token_by("email", made.id) + R"(","acceptTerms":true})"
  );

  expect_problem(answer, 409, "invitation_authority_lost");
}

TEST_F(InvitationsTest, CheckSaysWhatWouldBeRefusedAndDoesNothing) {
  auto by = world.client_of("manager");
  const auto before = world.sql("SELECT count(*) FROM user_invitations");

  const auto good = by.post("/api/invitations/check", world.invitation(email));
  EXPECT_EQ(boolean_at(good.response.body, "/allowed"), true) << good.response.body;
  const auto bad = by.post("/api/invitations/check", world.invitation(email, R"(,"role":"tenant_admin")"));
  EXPECT_EQ(boolean_at(bad.response.body, "/allowed"), false);
  EXPECT_EQ(text_at(bad.response.body, "/failed/0/code"), "role_not_grantable");
  EXPECT_EQ(world.sql("SELECT count(*) FROM user_invitations"), before);
}

TEST_F(InvitationsTest, TellOthersOfEveryChangeInTheSameTransaction) {
  const auto made = world.invited(email, R"(,"phone":"+919876543210")");
  world.client_of("admin").post("/api/invitations/resend/" + made.id, "");
  world.client_of("admin").remove("/api/invitations/" + made.id);

  const auto told = world.sql(
      "SELECT string_agg(kind || ' ' || (payload->>'channel') || ' ' || (payload->>'generation'), ', ' "
      "ORDER BY created_at, payload->>'channel') FROM outbox WHERE payload->>'invitationId' = '" +
      made.id + "'"
  );
  EXPECT_EQ(
      told,
      "invitation.created email 1, invitation.created sms 1, invitation.resent email 2, "
      "invitation.resent sms 2, invitation.cancelled none 2"
  );
}

} // namespace tessera::test
