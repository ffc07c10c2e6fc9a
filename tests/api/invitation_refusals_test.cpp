// What each route of invitations refuses, and the other tests of invitations do not come by:
// `openapi_answers` looks for every code of every route.
#include "tests/api/invitation_world.hpp"
#include "tests/api/unheard.hpp"

#include <tuple>
#include <utility>

namespace tessera::test {

namespace {

class InvitationRefusalsTest : public testing::Test {
protected:
  void set_policies(const std::string& policies) {
    const auto set =
        world.service.operator_client().put("/api/tenants/acme", R"({"policies":)" + policies + "}");
    ASSERT_EQ(set.status(), 200) << set.response.body;
  }
  void TearDown() override {
    set_policies(R"({"seatLimit":null,"approveTenantAdmin":false,"allowedEmailDomains":[]})");
  }

  static std::string path_of(const std::string& id) { return "/api/invitations/" + id; }
  static std::string resend_of(const std::string& id) { return "/api/invitations/resend/" + id; }
  static std::string own(const std::string& id, const std::string& what) {
    return "/api/me/invitations/" + id + "/" + what;
  }
  http_exchange decline(const std::string& token, const std::string& more = {}) {
    return world.service.client().post(
        "/api/invitations/decline", R"({"token":")" + token + "\"" + more + "}"
    );
  }
  void end(const std::string& id) {
    world.sql(
        "UPDATE user_invitations SET expires_at = clock_timestamp() WHERE invitation_id = '" + id + "'"
    );
  }
  std::string seats() {
    return world.sql("SELECT count(*) FROM users u JOIN tenants t USING (tenant_id) WHERE t.id = 'acme' AND "
                     "u.status = 'active'");
  }
  /// Somebody who is signed in, with an address that is known to be theirs.
  http_client verified_client() {
    world.service.create_user("acme", email, invitation_world::password, "user", {"location/loc-2:viewer"});
    world.sql("UPDATE users SET email_verified_at = clock_timestamp() WHERE email = '" + email + "'");
    return world.service.client(world.access_token(email, invitation_world::password));
  }
  /// As in the tables, and the node has not heard of it.
  void demote(const std::string& name, const std::string& to_the_role_of) {
    change_unheard(
        world.service,
        world.client_of("admin"),
        "UPDATE users SET role = (SELECT min(role) FROM users WHERE email = '" + to_the_role_of +
            "@acme.test') WHERE email = '" + name + "@acme.test'"
    );
  }
  invitation_world& world = invitation_world::instance();
  const std::string email = world.address();
};

} // namespace

TEST_F(InvitationRefusalsTest, ATokenThatIsDeadIsSoForEveryRoute) {
  auto by = world.client_of("admin");
  const auto accepted = world.invited(world.address());
  EXPECT_EQ(world.accept(accepted.token).status(), 200);
  const auto declined = world.invited(world.address());
  EXPECT_EQ(decline(declined.token).status(), 200);
  const auto cancelled = world.invited(world.address());
  EXPECT_EQ(by.remove(path_of(cancelled.id)).status(), 200);
  const auto over = world.invited(world.address());
  end(over.id);
  const auto sent_again = world.invited(world.address());
  EXPECT_EQ(by.post(resend_of(sent_again.id), "").status(), 200);

  const std::tuple<std::string, int, const char*> all[] = {
      {accepted.token, 409, "invitation_already_accepted"},
      {declined.token, 410, "invitation_declined"},
      {cancelled.token, 410, "invitation_cancelled"},
      {over.token, 410, "invitation_expired"},
      {sent_again.token, 410, "invitation_superseded"}};
  for (const auto& [token, status, code] : all) {
    expect_problem(world.look_up(token), status, code);
    expect_problem(decline(token), status, code);
    expect_problem(world.accept(token), status, code);
  }
}

TEST_F(InvitationRefusalsTest, OnesOwnThatIsDeadIsSoWithoutAToken) {
  auto them = verified_client();
  const auto expect_dead = [&](const std::string& id, int status, const std::string& code) {
    expect_problem(them.post(own(id, "accept"), R"({"acceptTerms":true})"), status, code);
    expect_problem(them.post(own(id, "decline"), "{}"), status, code);
  };
  const auto cancelled = world.invited(email);
  EXPECT_EQ(world.client_of("admin").remove(path_of(cancelled.id)).status(), 200);
  expect_dead(cancelled.id, 410, "invitation_cancelled");
  const auto declined = world.invited(email);
  EXPECT_EQ(decline(declined.token).status(), 200);
  expect_dead(declined.id, 410, "invitation_declined");
  const auto over = world.invited(email);
  end(over.id);
  expect_dead(over.id, 410, "invitation_expired");
  const auto accepted = world.invited(email);
  EXPECT_EQ(them.post(own(accepted.id, "accept"), R"({"acceptTerms":true})").status(), 200);
  expect_dead(accepted.id, 409, "invitation_already_accepted");
}

TEST_F(InvitationRefusalsTest, WhatStandsInTheWayOfOnesOwn) {
  auto them = verified_client();
  const auto raised = world.invited(email, R"(,"role":"tenant_admin")");
  const auto accept = [&](const std::string& more) {
    return them.post(own(raised.id, "accept"), R"({"acceptTerms":true)" + more + "}");
  };
  expect_problem(accept(R"(,"termsVersion":"of-yesterday")"), 422, "terms_outdated");
  expect_problem(accept(R"(,"language":"!")"), 422, "invalid_language");
  expect_problem(accept(R"(,"grantVersion":7)"), 409, "invitation_changed");
  expect_problem(
      them.post(own(raised.id, "decline"), R"({"reason":"see http://elsewhere.example"})"),
      422,
      "invalid_reason"
  );
  set_policies(R"({"approveTenantAdmin":true})");
  expect_problem(accept(""), 409, "approval_required");

  const auto place = "gone-" + email.substr(0, email.find('@'));
  auto by = world.client_of("admin");
  by.post("/api/locations", R"({"id":")" + place + R"(","name":"Gone","organizationId":"org-1"})");
  const auto nowhere = world.invited(
      email,
      R"(,"entityAssignments":[{"entityType":"location","entityId":")" + place + R"(","role":"viewer"}])"
  );
  EXPECT_EQ(by.remove("/api/locations/" + place).status(), 200);
  expect_problem(
      them.post(own(nowhere.id, "accept"), R"({"acceptTerms":true})"), 409, "invitation_authority_lost"
  );
}

TEST_F(InvitationRefusalsTest, WhatStandsInTheWayOfAToken) {
  const auto raised = world.invited(email, R"(,"role":"tenant_admin")");
  expect_problem(world.accept(raised.token, R"(,"termsVersion":"of-yesterday")"), 422, "terms_outdated");
  expect_problem(world.accept(raised.token, R"(,"language":"!")"), 422, "invalid_language");
  expect_problem(decline(raised.token, R"(,"reason":"see http://elsewhere.example")"), 422, "invalid_reason");
  set_policies(R"({"approveTenantAdmin":true})");
  expect_problem(world.accept(raised.token), 409, "approval_required");
  const auto plain = world.invited(world.address());
  set_policies(R"({"seatLimit":)" + seats() + "}");
  expect_problem(world.accept(plain.token), 409, "seat_limit_reached");
}

TEST_F(InvitationRefusalsTest, WhatIsWrongWithANewOne) {
  const std::pair<const char*, std::string> all[] = {
      {"invalid_phone", R"(,"phone":"none")"},
      {"invalid_message", R"(,"message":"see http://elsewhere.example")"},
      {"invalid_language", R"(,"locale":"!")"},
      {"invalid_assignments", R"(,"role":"organization_admin","entityAssignments":[])"}};
  for (const auto& [code, more] : all)
    expect_problem(world.invite("admin", email, more), 422, code);
  std::string many = R"(,"entityAssignments":[)";
  for (int i = 0; i < 101; ++i)
    many += R"({"entityType":"location","entityId":"loc-1","role":"viewer"},)";
  many.back() = ']';
  expect_problem(world.invite("admin", email, many), 422, "too_many_assignments");
}

TEST_F(InvitationRefusalsTest, AListOfNowhereIsUnknown) {
  expect_problem(
      world.client_of("admin").get("/api/invitations?entityType=location&entityId=nowhere"),
      404,
      "entity_unknown"
  );
}

TEST_F(InvitationRefusalsTest, WhatIsWrongWithAnEdit) {
  const auto made = world.invited(email);
  auto by = world.client_of("admin");
  const auto edit = [&](const std::string& body) { return by.put(path_of(made.id), body); };
  const auto at = [](const std::string& id) {
    return R"({"entityType":"location","entityId":")" + id + R"(","role":"viewer"})";
  };
  const auto assigned = [&](const std::string& items) { return R"({"entityAssignments":[)" + items + "]}"; };
  expect_problem(edit(R"({"firstName":"see http://elsewhere.example"})"), 422, "invalid_name");
  expect_problem(
      edit(R"({"status":"cancelled","reason":"see http://elsewhere.example"})"), 422, "invalid_reason"
  );
  expect_problem(edit(R"({"status":"accepted"})"), 422, "status_not_settable");
  expect_problem(edit(R"({"role":"organization_admin"})"), 422, "invalid_assignments");
  expect_problem(edit(assigned(at("nowhere"))), 404, "entity_unknown");
  std::string many = at("loc-1");
  for (int i = 0; i < 100; ++i)
    many += "," + at("loc-1");
  expect_problem(edit(assigned(many)), 422, "too_many_assignments");

  world.invited(email, R"(,"entityAssignments":[)" + at("loc-2") + "]");
  expect_problem(edit(assigned(at("loc-2"))), 409, "invitation_already_pending");
  set_policies(R"({"approveTenantAdmin":true})");
  expect_problem(edit(R"({"role":"tenant_admin"})"), 409, "approval_required");
}

TEST_F(InvitationRefusalsTest, WhatIsOverIsNeitherEditedNorCancelledNorSentAgain) {
  auto by = world.client_of("admin");
  const auto expect_over = [&](const std::string& id, const std::string& code) {
    expect_problem(by.put(path_of(id), R"({"firstName":"Jane"})"), 409, code);
    expect_problem(by.remove(path_of(id)), 409, code);
    expect_problem(by.post(resend_of(id), ""), 409, code);
  };
  const auto accepted = world.invited(email);
  EXPECT_EQ(world.accept(accepted.token).status(), 200);
  expect_over(accepted.id, "invitation_already_accepted");
  const auto declined = world.invited(world.address());
  EXPECT_EQ(decline(declined.token).status(), 200);
  expect_over(declined.id, "invitation_not_pending");
}

TEST_F(InvitationRefusalsTest, WhatStandsInTheWayOfSendingAgain) {
  auto by = world.client_of("admin");
  const auto over = world.invited(email);
  end(over.id);
  const auto newer = world.invited(email);
  expect_problem(by.post(resend_of(over.id), ""), 409, "invitation_already_pending");
  EXPECT_EQ(by.remove(path_of(newer.id)).status(), 200);
  set_policies(R"({"seatLimit":)" + seats() + "}");
  expect_problem(by.post(resend_of(over.id), ""), 409, "seat_limit_reached");
  set_policies(R"({"seatLimit":null,"allowedEmailDomains":["elsewhere.example"]})");
  expect_problem(by.post(resend_of(over.id), ""), 422, "domain_not_allowed");

  set_policies(R"({"allowedEmailDomains":[]})");
  const auto raised = world.invited(world.address(), R"(,"role":"tenant_admin")");
  set_policies(R"({"approveTenantAdmin":true})");
  expect_problem(by.post(resend_of(raised.id), ""), 409, "approval_required");
}

/// The rows say what the inviter may, also where the node has not heard of it yet.
TEST_F(InvitationRefusalsTest, WhoIsLessThanTheyWereChangesNothing) {
  const auto name = "inviter-" + email.substr(0, email.find('@'));
  world.hire(name, "organization_admin", {"organization/org-1:viewer", "location/loc-1:viewer"});
  const auto made = world.invited(
      email,
      R"(,"role":"location_manager","entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}])",
      name
  );
  auto by = world.client_of(name);
  demote(name, "manager");
  expect_problem(by.post(resend_of(made.id), ""), 403, "role_not_grantable");
  demote(name, "member");
  expect_problem(by.put(path_of(made.id), R"({"firstName":"Jane"})"), 403, "entity_out_of_scope");
  expect_problem(by.post(resend_of(made.id), ""), 403, "entity_out_of_scope");
  expect_problem(by.remove(path_of(made.id)), 403, "entity_out_of_scope");
}

} // namespace tessera::test
