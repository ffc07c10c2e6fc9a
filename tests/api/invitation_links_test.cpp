// Links that many may use: what they give is given to whoever has the address, and never more than `user`.
#include "tests/api/invitation_world.hpp"
#include "tests/api/mailbox.hpp"

#include <gmock/gmock.h>

#include <map>
#include <regex>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr auto at_loc_1 =
    R"({"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}])";

class InvitationLinksTest : public testing::Test {
protected:
  invitation_world& world = invitation_world::instance();
  const std::string email = world.address();

  struct link {
    std::string id;
    std::string token;
  };
  http_exchange create(const std::string& more = {}, const std::string& by = "admin") const {
    return world.client_of(by).post("/api/invitation-links", at_loc_1 + more + "}");
  }
  link created(const std::string& more = {}, const std::string& by = "admin") const {
    const auto made = create(more, by);
    EXPECT_EQ(made.status(), 201) << made.response.body;
    return {text_at(made.response.body, "/linkId"), text_at(made.response.body, "/linkToken")};
  }
  http_exchange join(const std::string& token, const std::string& address) const {
    return world.service.client().post(
        "/api/invitation-links/join", R"({"token":")" + token + R"(","email":")" + address + "\"}"
    );
  }
  http_exchange look_up(const std::string& token) const {
    return world.service.client().post("/api/invitation-links/lookup", R"({"token":")" + token + "\"}");
  }
  void TearDown() override {
    if (limits_seats_) set_policies(R"({"seatLimit":null})");
  }
  void set_policies(const std::string& policies) {
    const auto set =
        world.service.operator_client().put("/api/tenants/acme", R"({"policies":)" + policies + "}");
    ASSERT_EQ(set.status(), 200) << set.response.body;
  }
  /// As many as are taken.
  void leave_no_seat() {
    limits_seats_ = true;
    set_policies(
        R"({"seatLimit":)" +
        world.sql("SELECT (SELECT count(*) FROM users u JOIN tenants t USING (tenant_id) WHERE t.id = 'acme'"
                  " AND u.status = 'active') + (SELECT count(*) FROM user_invitations i JOIN tenants t USING"
                  " (tenant_id) WHERE t.id = 'acme' AND i.status = 'pending' AND i.expires_at >"
                  " clock_timestamp())") +
        "}"
    );
  }
  /// How many were answered with each status.
  std::map<int, int> join_at_once(const std::string& token, const std::vector<std::string>& addresses) const {
    std::vector<int> answers(addresses.size());
    {
      std::vector<std::jthread> all;
      for (std::size_t i = 0; i < addresses.size(); ++i)
        all.emplace_back([&, i] { answers[i] = join(token, addresses[i]).status(); });
    }
    std::map<int, int> counts;
    for (const int status : answers)
      ++counts[status];
    return counts;
  }
  std::string read(const std::string& id) const {
    return world.client_of("admin").get("/api/invitation-links/" + id).response.body;
  }
  std::string invitation_of(const std::string& address) const {
    return world.sql(
        "SELECT coalesce(max(invitation_id), '') FROM user_invitations WHERE email_canonical = '" + address +
        "'"
    );
  }

  bool limits_seats_ = false;
};

} // namespace

TEST_F(InvitationLinksTest, W42ALinkGivesNoAdminRole) {
  for (const auto* role : {"tenant_admin", "organization_admin", "location_manager"})
    expect_problem(create(R"(,"role":")" + std::string(role) + "\""), 403, "role_not_grantable");
  EXPECT_EQ(create(R"(,"role":"user")").status(), 201);
}

TEST_F(InvitationLinksTest, WhoeverJoinsProvesTheAddressFirst) {
  const auto made = created(R"(,"applicationAccess":["crm"])");
  const auto shown = look_up(made.token);
  ASSERT_EQ(shown.status(), 200) << shown.response.body;
  EXPECT_THAT(shown.response.body, AllOf(HasSubstr("\"role\":\"user\""), Not(HasSubstr("loc-1\",\"id"))));

  const auto heard = join(made.token, email);

  EXPECT_EQ(heard.status(), 202) << heard.response.body;
  EXPECT_THAT(heard.response.body, Not(HasSubstr("tsi_")));
  EXPECT_EQ(world.sql("SELECT count(*) FROM users WHERE email = '" + email + "'"), "0");
  const auto invitation = invitation_of(email);
  const auto accepted = world.accept(world.token_by("email", invitation));
  ASSERT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_EQ(boolean_at(accepted.response.body, "/emailVerified"), true);
  EXPECT_EQ(text_at(accepted.response.body, "/role"), "user");
  EXPECT_EQ(integer_at(read(made.id), "/uses"), 1);
  EXPECT_THAT(world.activities(invitation), testing::ElementsAre("created", "joined_by_link", "accepted"));
}

TEST_F(InvitationLinksTest, W08NoTokenOfALinkIsAtRestOrRead) {
  auto by = world.client_of("admin");
  const header_list key{{"Idempotency-Key", "link-" + email}};
  const auto body = std::string(at_loc_1) + "}";
  const auto first = by.post("/api/invitation-links", body, key);
  const auto token = text_at(first.response.body, "/linkToken");
  ASSERT_TRUE(std::regex_match(token, std::regex("tsl_[A-Za-z0-9_-]{43}"))) << token;
  EXPECT_EQ(text_at(first.response.body, "/joinUrl"), world.service.base_url() + "/join#token=" + token);

  const auto again = by.post("/api/invitation-links", body, key);

  EXPECT_EQ(again.response.body, first.response.body);
  for (const std::string table : {"invitation_links", "idempotency_answers"})
    EXPECT_THAT(
        world.sql("SELECT coalesce(string_agg(t::text, ' '), '') FROM " + table + " t"),
        Not(HasSubstr("tsl_"))
    ) << table;
  EXPECT_THAT(by.get("/api/invitation-links").response.body, Not(HasSubstr("tsl_")));
  EXPECT_THAT(read(text_at(first.response.body, "/linkId")), Not(HasSubstr("tsl_")));
}

TEST_F(InvitationLinksTest, AsManyAsMayJoin) {
  const auto made = created(R"(,"maxUses":2)");
  const auto second = world.address();
  ASSERT_EQ(join(made.token, email).status(), 202);
  ASSERT_EQ(join(made.token, second).status(), 202);

  expect_problem(join(made.token, world.address()), 410, "invitation_link_used_up");
  expect_problem(look_up(made.token), 410, "invitation_link_used_up");
  EXPECT_EQ(text_at(read(made.id), "/status"), "used_up");
  ASSERT_EQ(world.client_of("admin").remove("/api/invitations/" + invitation_of(second)).status(), 200);
  EXPECT_EQ(join(made.token, world.address()).status(), 202) << "what was cancelled uses nothing";
}

TEST_F(InvitationLinksTest, OfTheDomainsThatItNames) {
  const auto made = created(R"(,"allowedEmailDomains":["company.test"])");

  expect_problem(join(made.token, "ann@evil-company.test"), 422, "domain_not_allowed");
  EXPECT_EQ(join(made.token, email).status(), 202);
}

TEST_F(InvitationLinksTest, NobodyJoinsWhenNoSeatIsLeft) {
  const auto made = created();
  auto ruler = world.service.operator_client();
  const auto limit = [&](const std::string& seats) {
    return ruler.put("/api/tenants/acme", R"({"policies":{"seatLimit":)" + seats + "}}").status();
  };
  EXPECT_EQ(limit("1"), 200);

  const auto refused = join(made.token, email);

  EXPECT_EQ(limit("null"), 200);
  expect_problem(refused, 409, "seat_limit_reached");
  EXPECT_EQ(join(made.token, email).status(), 202);
}

TEST_F(InvitationLinksTest, W36WhetherThereIsAnAccountOrAnInvitationIsNotSaid) {
  const auto made = created();
  ASSERT_EQ(join(made.token, email).status(), 202);
  const auto heard = join(made.token, world.address());

  for (const std::string& known : {email, std::string("member@acme.test"), std::string("admin@acme.test")}) {
    const auto other = join(made.token, known);
    EXPECT_EQ(other.status(), heard.status()) << known << other.response.body;
    EXPECT_EQ(other.response.body, heard.response.body) << known;
  }
}

/// Whoever made it could invite them without a seat, and whoever has only the link is told nothing of it.
TEST_F(InvitationLinksTest, W36WithoutASeatEverybodyHearsTheSame) {
  const auto made = created();
  ASSERT_EQ(join(made.token, email).status(), 202);
  leave_no_seat();

  const auto unknown = join(made.token, world.address());

  expect_problem(unknown, 409, "seat_limit_reached");
  for (const std::string& known : {email, std::string("member@acme.test"), std::string("admin@acme.test")}) {
    const auto other = join(made.token, known);
    expect_problem(other, 409, "seat_limit_reached");
    EXPECT_EQ(text_at(other.response.body, "/detail"), text_at(unknown.response.body, "/detail"));
  }
  EXPECT_EQ(world.invite("admin", "member@acme.test", R"(,"onConflict":"replace")").status(), 201)
      << "who has an account needs no seat";
}

TEST_F(InvitationLinksTest, W34OfManyAtOnceAsManyJoinAsMay) {
  const auto made = created(R"(,"maxUses":3)");
  std::vector<std::string> addresses;
  for (int i = 0; i < 20; ++i)
    addresses.push_back(world.address());

  const auto counts = join_at_once(made.token, addresses);

  EXPECT_EQ(counts, (std::map<int, int>{{202, 3}, {410, 17}}));
  EXPECT_EQ(world.sql("SELECT count(*) FROM user_invitations WHERE link_id = '" + made.id + "'"), "3");
  EXPECT_EQ(text_at(read(made.id), "/status"), "used_up");
}

TEST_F(InvitationLinksTest, W36WhoeverJoinsManyTimesAtOnceIsInvitedOnce) {
  const auto made = created();

  const auto counts = join_at_once(made.token, std::vector<std::string>(10, email));

  EXPECT_EQ(counts, (std::map<int, int>{{202, 10}}));
  EXPECT_EQ(integer_at(read(made.id), "/uses"), 1);
}

TEST_F(InvitationLinksTest, RevokingItEndsWhatIsPendingByIt) {
  const auto made = created();
  const auto other = world.address();
  const auto beside = world.invited(world.address());
  ASSERT_EQ(join(made.token, email).status(), 202);
  ASSERT_EQ(join(made.token, other).status(), 202);
  const auto stays = invitation_of(other);
  ASSERT_EQ(world.accept(world.token_by("email", stays)).status(), 200);
  const auto pending = invitation_of(email);

  auto by = world.client_of("admin");
  const auto revoked = by.remove("/api/invitation-links/" + made.id);

  ASSERT_EQ(revoked.status(), 200) << revoked.response.body;
  EXPECT_EQ(integer_at(revoked.response.body, "/uses"), 1);
  const auto told = by.get("/api/invitations/" + pending).response.body;
  EXPECT_EQ(text_at(told, "/status"), "cancelled") << told;
  EXPECT_EQ(text_at(told, "/reason"), "link_revoked");
  EXPECT_EQ(text_at(told, "/linkId"), made.id);
  expect_problem(world.accept(world.token_by("email", pending)), 410, "invitation_cancelled");
  EXPECT_EQ(
      world.sql(
          "SELECT count(*) FROM invitation_tokens WHERE revoked_at IS NULL AND invitation_id = '" + pending +
          "'"
      ),
      "0"
  );
  EXPECT_THAT(world.activities(pending), testing::ElementsAre("created", "joined_by_link", "cancelled"));
  EXPECT_EQ(
      world.sql(
          "SELECT count(*) FROM outbox WHERE kind = 'invitation.cancelled' AND payload->>'invitationId' = '" +
          pending + "'"
      ),
      "1"
  );
  EXPECT_EQ(world.status_of(stays), "accepted");
  EXPECT_EQ(world.status_of(beside.id), "pending");
}

TEST_F(InvitationLinksTest, RevokingAFullOneEndsEachOfAThousandOnce) {
  const auto made = created();
  const auto of_link = " WHERE link_id = '" + made.id + "'";
  world.sql(
      "INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, email, email_key,"
      " email_canonical, email_person, role, expiry_hours, expires_at, generation, link_id) SELECT tenant_id,"
      " 'inv-' || substr(link_id, 5) || '-' || n, 'nobody', 2, 'e', 'e', 'e', 'e', 1, 168, clock_timestamp() "
      "+ interval '1 hour',"
      " 1 + n % 3, link_id FROM invitation_links, generate_series(1, 1000) AS n" +
      of_link
  );

  ASSERT_EQ(world.client_of("admin").remove("/api/invitation-links/" + made.id).status(), 200);

  const auto ended = " FROM user_invitations i" + of_link + " AND i.status = 'cancelled'";
  EXPECT_EQ(world.sql("SELECT count(*)" + ended), "1000");
  EXPECT_EQ(
      world.sql(
          "SELECT count(*) || ' of ' || count(DISTINCT a.invitation_id) FROM invitation_activities a WHERE"
          " a.activity_type = 'cancelled' AND a.metadata->>'reason' = 'link_revoked' AND a.actor_type = "
          "'user'"
          " AND a.invitation_id IN (SELECT i.invitation_id" +
          ended + ")"
      ),
      "1000 of 1000"
  );
  EXPECT_EQ(
      world.sql(
          "SELECT count(*) || ' of ' || count(DISTINCT i.invitation_id) FROM outbox o JOIN user_invitations i"
          " ON o.payload->>'invitationId' = i.invitation_id AND (o.payload->>'generation')::bigint = "
          "i.generation" +
          of_link + " AND o.kind = 'invitation.cancelled'"
      ),
      "1000 of 1000"
  );
}

TEST_F(InvitationLinksTest, RevokingItOnceMoreEndsWhatIsPendingStill) {
  const auto made = created();
  ASSERT_EQ(join(made.token, email).status(), 202);
  world.sql(
      "UPDATE invitation_links SET revoked_at = clock_timestamp(), revoke_reason = 'authority_lost' WHERE "
      "link_id = '" +
      made.id + "'"
  );

  const auto again = world.client_of("admin").remove("/api/invitation-links/" + made.id);

  EXPECT_EQ(text_at(again.response.body, "/reason"), "authority_lost") << again.response.body;
  EXPECT_EQ(world.status_of(invitation_of(email)), "cancelled");
}

TEST_F(InvitationLinksTest, AcceptingAndRevokingItHaveOneWinner) {
  world.service.create_user("acme", email, invitation_world::password, "user", {"location/loc-2:viewer"});
  const auto session = world.access_token(email, invitation_world::password);
  for (int round = 0; round < 10; ++round) {
    world.sql(
        "DELETE FROM memberships m USING users u, entities e WHERE u.email = '" + email +
        "' AND u.user_id = m.user_id AND e.account_id = m.account_id AND e.entity_id = 'loc-1'"
    );
    const auto made = created();
    ASSERT_EQ(join(made.token, email).status(), 202);
    const auto invitation = invitation_of(email);
    int accepted = 0;
    int revoked = 0;
    {
      const std::jthread one([&] {
        accepted = world.service.client(session)
                       .post(
                           "/api/invitations/accept",
                           R"({"token":")" + world.token_by("email", invitation) + R"(","acceptTerms":true})"
                       )
                       .status();
      });
      const std::jthread two([&] {
        revoked = world.client_of("admin").remove("/api/invitation-links/" + made.id).status();
      });
    }
    EXPECT_EQ(revoked, 200);
    EXPECT_EQ(accepted, world.status_of(invitation) == "accepted" ? 200 : 410);
    EXPECT_EQ(
        world.sql(
            "SELECT count(*) FROM memberships m JOIN users u USING (tenant_id, user_id) JOIN entities e USING"
            " (account_id) WHERE u.email = '" +
            email + "' AND e.entity_id = 'loc-1'"
        ),
        accepted == 200 ? "1" : "0"
    );
  }
}

TEST_F(InvitationLinksTest, WhatCameAboutByOneIsListedByIt) {
  const auto made = created();
  ASSERT_EQ(join(made.token, email).status(), 202);
  ASSERT_EQ(join(created().token, world.address()).status(), 202);
  auto by = world.client_of("admin");

  const auto page = by.get("/api/invitations?linkId=" + made.id).response.body;

  ASSERT_EQ(size_at(page, "/invitations"), 1u) << page;
  EXPECT_EQ(text_at(page, "/invitations/0/invitationId"), invitation_of(email));
  EXPECT_EQ(text_at(page, "/invitations/0/linkId"), made.id);
  EXPECT_EQ(integer_at(page, "/counts/pending"), 1);
}

TEST_F(InvitationLinksTest, IsRevokedAsItWasSeen) {
  const auto made = created();
  auto by = world.client_of("admin");
  const auto route = "/api/invitation-links/" + made.id;
  const auto seen = by.get(route).response.header("etag");
  EXPECT_FALSE(seen.empty());
  ASSERT_EQ(join(made.token, email).status(), 202);

  expect_problem(by.remove(route, {{"If-Match", seen}}), 412, "precondition_failed");

  EXPECT_EQ(text_at(read(made.id), "/status"), "open");
  const auto now = by.get(route).response.header("etag");
  EXPECT_NE(now, seen);
  EXPECT_EQ(by.remove(route, {{"If-Match", now}}).status(), 200);
}

TEST_F(InvitationLinksTest, OneThatIsOverRevokedOrNobodysIsDead) {
  const auto over = created();
  world.sql("UPDATE invitation_links SET expires_at = clock_timestamp() WHERE link_id = '" + over.id + "'");
  const auto revoked = created();
  for (int i = 0; i < 2; ++i) {
    const auto gone = world.client_of("admin").remove("/api/invitation-links/" + revoked.id);
    EXPECT_EQ(gone.status(), 200);
    EXPECT_EQ(text_at(gone.response.body, "/status"), "revoked");
  }

  expect_problem(join(over.token, email), 410, "invitation_link_expired");
  expect_problem(join(revoked.token, email), 410, "invitation_link_revoked");
  expect_problem(look_up(over.token), 410, "invitation_link_expired");
  expect_problem(look_up(revoked.token), 410, "invitation_link_revoked");
  expect_problem(join("tsl_" + std::string(43, 'a'), email), 404, "invitation_link_not_found");
  expect_problem(join("x", email), 404, "invitation_link_not_found");
  EXPECT_EQ(invitation_of(email), "");
}

TEST_F(InvitationLinksTest, W03WhoeverLostTheirRoleGivesNothingByTheirLinks) {
  const auto name = "linker" + email.substr(0, email.find('@'));
  const auto id = world.hire(name, "location_manager", {"location/loc-1:viewer"});
  const auto made = created({}, name);
  ASSERT_EQ(join(made.token, world.address()).status(), 202);
  ASSERT_EQ(world.client_of("admin").remove("/api/users/" + id).status(), 200);

  expect_problem(join(made.token, email), 410, "invitation_link_revoked");

  EXPECT_EQ(text_at(read(made.id), "/reason"), "authority_lost");
  EXPECT_EQ(invitation_of(email), "");
}

TEST_F(InvitationLinksTest, W04W06OthersLinksAreUnknown) {
  const auto above = text_at(
      world.client_of("admin")
          .post(
              "/api/invitation-links",
              R"({"entityAssignments":[{"entityType":"organization","entityId":"org-2","role":"viewer"}]})"
          )
          .response.body,
      "/linkId"
  );
  for (const std::string who : {"manager", "org_admin", "stranger"}) {
    auto by = world.client_of(who);
    expect_problem(by.get("/api/invitation-links/" + above), 404, "invitation_link_not_found");
    expect_problem(by.remove("/api/invitation-links/" + above), 404, "invitation_link_not_found");
    EXPECT_THAT(by.get("/api/invitation-links?limit=100").response.body, Not(HasSubstr(above)));
  }
  expect_problem(create({}, "member"), 403, "insufficient_role");
  EXPECT_EQ(text_at(read(above), "/status"), "open");
}

TEST_F(InvitationLinksTest, AreListedPageByPage) {
  const auto first = created();
  const auto second = created();
  auto by = world.client_of("admin");

  const auto page = by.get("/api/invitation-links?limit=1");
  ASSERT_EQ(page.status(), 200) << page.response.body;
  EXPECT_EQ(text_at(page.response.body, "/links/0/linkId"), second.id);
  const auto next =
      by.get("/api/invitation-links?limit=1&cursor=" + text_at(page.response.body, "/nextCursor"));

  EXPECT_EQ(text_at(next.response.body, "/links/0/linkId"), first.id);
}

TEST_F(InvitationLinksTest, MailsTheInvitation) {
  const auto made = created();
  ASSERT_EQ(join(made.token, email).status(), 202);
  ASSERT_TRUE(wait_until(milliseconds{20'000}, [&] {
    return world.sql(
               "SELECT count(*) FROM notifications WHERE status = 'sent' AND recipient = '" + email + "'"
           ) == "1";
  }));
  EXPECT_THAT(mailbox(world.service.spool()).only_to(email), HasSubstr("accept-invitation"));
}

} // namespace tessera::test
