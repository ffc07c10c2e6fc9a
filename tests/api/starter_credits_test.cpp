// Credits that come with an invitation: set aside while it is pending, moved once when it is accepted.
#include "messages/types/time.hpp"
#include "tests/api/invitation_world.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

constexpr milliseconds patience{20'000};

/// An organisation with 1000 credits in lots of two ends, and two locations of its own.
class InvitationStarterCreditsTest : public testing::Test {
protected:
  InvitationStarterCreditsTest() {
    make("/api/organizations", org, R"("name":"O")");
    for (const auto& each : {place, beside})
      make("/api/locations", each, R"("name":"L","organizationId":")" + org + "\"");
    give(600, std::chrono::hours(24 * 400));
    give(400, std::chrono::hours(24 * 500));
  }

  static invitation_world& world() { return invitation_world::instance(); }
  void make(const std::string& route, const std::string& id, const std::string& more) {
    const auto made = admin.post(route, R"({"id":")" + id + R"(",)" + more + "}");
    EXPECT_EQ(made.status(), 201) << made.response.body;
  }
  http_client ruler() const {
    auto by = world().service.operator_client();
    by.set_header("X-Tenant", "acme");
    return by;
  }
  void give(int credits, std::chrono::seconds life) const {
    const auto end =
        to_rfc3339(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now() + life));
    const auto given = ruler().post(
        "/api/credits/grants",
        R"({"entityType":"organization","entityId":")" + org + R"(","kind":"promo","reason":"r","credits":)" +
            std::to_string(credits) + R"(,"expiresAt":")" + end + "\"}"
    );
    EXPECT_EQ(given.status(), 201) << given.response.body;
  }
  void freeze(const std::string& how) const {
    const auto done = ruler().post(
        "/api/credits/" + how, R"({"entityType":"organization","entityId":")" + org + R"(","reason":"r"})"
    );
    EXPECT_EQ(done.status(), 200) << done.response.body;
  }

  static std::string in_hours(int hours) {
    return to_rfc3339(std::chrono::floor<std::chrono::microseconds>(
        std::chrono::system_clock::now() + std::chrono::hours(hours)
    ));
  }
  std::string reservations(const std::string& id) const {
    return world().sql("SELECT count(*) FROM invitation_starter_credits WHERE invitation_id = '" + id + "'");
  }
  std::string starting(int credits, const std::string& from, const std::string& to) const {
    return R"(,"starterCredits":{"fromEntityType":"organization","fromEntityId":")" + from +
           R"(","toEntityType":"location","toEntityId":")" + to + R"(","credits":)" +
           std::to_string(credits) + "}";
  }
  std::string at(const std::string& location) const {
    return R"({"entityType":"location","entityId":")" + location + R"(","role":"viewer"})";
  }
  /// To both locations, with credits for the first.
  std::string with(int credits) const {
    return R"(,"entityAssignments":[)" + at(place) + "," + at(beside) + "]" + starting(credits, org, place);
  }
  std::string amount(const std::string& type, const std::string& id, const std::string& name) const {
    const auto told = client.get("/api/credits/balance/" + type + "/" + id).response.body;
    return std::to_string(integer_at(told, "/" + name).value_or(-1));
  }
  std::string available() const { return amount("organization", org, "availableCredits"); }
  std::string reserved() const { return amount("organization", org, "reservedCredits"); }
  std::string arrived() const { return amount("location", place, "availableCredits"); }
  std::string lots() const {
    std::string all;
    const auto told = client.get("/api/credits/lots/organization/" + org).response.body;
    for (const auto& each : items_at(told, "/lots"))
      all += text_at(each, "/lotId") + " " + std::to_string(integer_at(each, "/free").value_or(-1)) + " " +
             std::to_string(integer_at(each, "/held").value_or(-1)) + "\n";
    return all;
  }
  std::string state(const std::string& id) const {
    return text_at(admin.get("/api/invitations/" + id).response.body, "/starterCredits/state");
  }
  bool becomes(const std::string& id, const std::string& wanted) const {
    return wait_until(patience, [&] { return state(id) == wanted; });
  }
  long holds() const {
    return std::stol(world().sql(
        "SELECT count(*) FROM credit_entries h JOIN entities e USING (account_id) WHERE h.entry_type = 5 AND "
        "e.entity_id = '" +
        org + "'"
    ));
  }
  void end_now(const std::string& id) const {
    world().sql(
        "UPDATE user_invitations SET expires_at = clock_timestamp() WHERE invitation_id = '" + id + "'"
    );
  }
  void forget_that_it_was_sent(const std::string& id) const {
    world().sql(
        "UPDATE user_invitations SET last_sent_at = last_sent_at - interval '1 hour' WHERE invitation_id = "
        "'" +
        id + "'"
    );
  }
  void expect_verified() const {
    const auto done = world().service.command({"verify"});
    EXPECT_TRUE(done.ok()) << done.output;
  }

  static inline int number = 0;
  const std::string suffix = std::to_string(++number);
  const std::string org = "start-" + suffix;
  const std::string place = "start-loc-" + suffix;
  const std::string beside = "start-beside-" + suffix;
  const std::string email = world().address();
  mutable http_client admin = world().client_of("admin");
  mutable http_client client = world().client_of("admin");
};

} // namespace

TEST_F(InvitationStarterCreditsTest, AreSetAsideAtCreateAndMovedOnceOnAcceptance) {
  const auto made = world().invited(email, with(500));
  EXPECT_EQ(state(made.id), "reserved");
  EXPECT_EQ(available() + "+" + reserved(), "500+500");
  EXPECT_EQ(arrived(), "0");

  const auto accepted = world().accept(made.token);
  ASSERT_EQ(accepted.status(), 200) << accepted.response.body;

  EXPECT_TRUE(becomes(made.id, "moved")) << state(made.id);
  EXPECT_TRUE(wait_until(patience, [&] { return arrived() == "500"; })) << arrived();
  EXPECT_EQ(available() + "+" + reserved(), "500+0");
  const auto told = admin.get("/api/invitations/" + made.id).response.body;
  EXPECT_EQ(integer_at(told, "/starterCredits/creditsMoved"), 500) << told;
  EXPECT_EQ(text_at(told, "/starterCredits/toEntityId"), place);
  const auto listed = admin.get("/api/invitations?email=" + email).response.body;
  EXPECT_EQ(text_at(listed, "/invitations/0/starterCredits/state"), "moved") << listed;
  expect_verified();
}

TEST_F(InvitationStarterCreditsTest, NoVisitorIsToldOfThem) {
  const auto made = world().invited(email, with(500));

  const auto seen = world().look_up(made.token);

  EXPECT_EQ(seen.status(), 200);
  EXPECT_THAT(seen.response.body, testing::Not(testing::HasSubstr("500")));
  EXPECT_THAT(seen.response.body, testing::Not(testing::HasSubstr("starterCredits")));
}

TEST_F(InvitationStarterCreditsTest, GoBackIntoTheSameLotsWhateverEndsIt) {
  const auto before = lots();
  const auto ends = std::vector<std::function<void(const invitation_world::made&)>>{
      [&](const auto& made) { ASSERT_EQ(admin.remove("/api/invitations/" + made.id).status(), 200); },
      [&](const auto& made) {
        const auto declined =
            world().service.client().post("/api/invitations/decline", R"({"token":")" + made.token + "\"}");
        ASSERT_EQ(declined.status(), 200) << declined.response.body;
      },
      [&](const auto& made) { end_now(made.id); }};
  for (const auto& end : ends) {
    const auto made = world().invited(email, with(700));
    ASSERT_EQ(reserved(), "700");
    EXPECT_NE(lots(), before);

    end(made);

    EXPECT_TRUE(becomes(made.id, "returned")) << state(made.id);
    EXPECT_EQ(available() + "+" + reserved(), "1000+0");
    EXPECT_EQ(lots(), before);
    EXPECT_EQ(arrived(), "0");
  }
  expect_verified();
}

TEST_F(InvitationStarterCreditsTest, WithoutEnoughNothingIsHalfDone) {
  const auto refused = world().invite("admin", email, with(1'001));

  expect_problem(refused, 402, "insufficient_credits");
  EXPECT_EQ(available() + "+" + reserved(), "1000+0");
  EXPECT_EQ(world().sql("SELECT count(*) FROM user_invitations WHERE email = '" + email + "'"), "0");
  EXPECT_EQ(world().invite("admin", email, with(1'000)).status(), 201);
}

/// As every other spend: what stood in the way, and what would pass.
TEST_F(InvitationStarterCreditsTest, ARefusalSaysWhatTheSourceHas) {
  const auto expect_said =
      [&](const http_exchange& told, const std::string& kind, int requested, int has, int would) {
        const auto& body = told.response.body;
        EXPECT_EQ(text_at(body, "/blockedBy/kind"), kind) << body;
        EXPECT_EQ(text_at(body, "/blockedBy/entityType"), "organization");
        EXPECT_EQ(text_at(body, "/blockedBy/entityId"), org);
        EXPECT_EQ(text_at(body, "/blockedBy/application"), "crm");
        EXPECT_EQ(integer_at(body, "/requested"), requested);
        EXPECT_EQ(integer_at(body, "/availableCredits"), has);
        EXPECT_EQ(integer_at(body, "/wouldAllow"), would);
      };
  give(100, std::chrono::hours(200));

  const auto short_of = world().invite("admin", email, with(1'101) + R"(,"expiryHours":720)");
  expect_problem(short_of, 402, "insufficient_credits");
  expect_said(short_of, "balance", 1'101, 1'100, 1'000); // one lot ends before the invitation

  const auto made = world().invited(email, with(600));
  const auto later = admin.put("/api/invitations/" + made.id, R"({"expiryHours":2160})");
  expect_problem(later, 402, "insufficient_credits");
  expect_said(later, "balance", 600, 500, 500);

  freeze("freeze");
  const auto frozen = world().invite("admin", world().address(), with(10));
  expect_problem(frozen, 403, "entity_frozen");
  expect_said(frozen, "frozen", 10, 500, 0);
  end_now(made.id);
  ASSERT_TRUE(becomes(made.id, "returned"));
  forget_that_it_was_sent(made.id);
  const auto again = admin.post("/api/invitations/resend/" + made.id, "");
  expect_problem(again, 403, "entity_frozen");
  expect_said(again, "frozen", 600, 1'100, 0);
}

TEST_F(InvitationStarterCreditsTest, LotsThatEndBeforeItAreNotTaken) {
  const auto refused = world().invite("admin", email, with(1'000) + R"(,"expiryHours":2160)");
  EXPECT_EQ(refused.status(), 201) << refused.response.body;
  give(100, std::chrono::hours(200));

  expect_problem(
      world().invite("admin", world().address(), with(50) + R"(,"expiryHours":2160)"),
      422,
      "lots_expire_before_invitation"
  );
  const auto made = world().invited(world().address(), with(50) + R"(,"expiryHours":24)");
  expect_problem(
      admin.put("/api/invitations/" + made.id, R"({"expiryHours":720})"), 422, "lots_expire_before_invitation"
  );
  end_now(made.id);
  ASSERT_TRUE(becomes(made.id, "returned"));
  forget_that_it_was_sent(made.id);
  expect_problem(
      admin.post("/api/invitations/resend/" + made.id, R"({"expiryHours":720})"),
      422,
      "lots_expire_before_invitation"
  );
}

TEST_F(InvitationStarterCreditsTest, ComeFromWhereTheInviterMayAllocateAndGoToWhatIsGiven) {
  const auto manager = "manager-" + suffix;
  world().hire(
      manager, "location_manager", {"location/" + place + ":viewer", "location/" + beside + ":viewer"}
  );
  expect_problem(world().invite(manager, email, with(5)), 403, "entity_out_of_scope");
  expect_problem(world().invite("admin", email, starting(5, org, place)), 422, "invalid_assignments");
  expect_problem(world().invite("admin", email, starting(5, org, "loc-1")), 403, "not_in_subtree");
  expect_problem(world().invite("admin", email, starting(5, "nowhere", "loc-1")), 404, "entity_unknown");
  expect_problem(world().invite("admin", email, with(0)), 422, "amount_out_of_range");
  const auto itself = R"(,"starterCredits":{"fromEntityType":"location","fromEntityId":"loc-1",)"
                      R"("toEntityType":"location","toEntityId":"loc-1","credits":5})";
  expect_problem(world().invite("admin", email, itself), 422, "same_entity");
  EXPECT_EQ(reserved(), "0");
}

TEST_F(InvitationStarterCreditsTest, AKeyNeedsToAllocateTillTheEnd) {
  const auto key = world().service.create_api_key("acme", {"invitations:write", "invitations:read"}, "crm");
  auto by = world().service.client(key);
  const auto body = world().invitation(email, with(5));
  expect_problem(by.post("/api/invitations", body), 403, "insufficient_scope");

  const auto wide = world().service.create_api_key("acme", {"invitations:write", "credits:allocate"}, "crm");
  const auto made = world().service.client(wide).post("/api/invitations", body);
  ASSERT_EQ(made.status(), 201) << made.response.body;
  world().sql(
      "UPDATE api_keys SET scopes = '{invitations:write}' WHERE key_id = (SELECT invited_by FROM "
      "user_invitations WHERE email = '" +
      email + "')"
  );
  const auto id = text_at(made.response.body, "/invitationId");
  expect_problem(
      world().accept(text_at(made.response.body, "/invitationToken")), 409, "invitation_authority_lost"
  );
  EXPECT_TRUE(becomes(id, "returned")) << state(id);
  EXPECT_EQ(available(), "1000");
}

TEST_F(InvitationStarterCreditsTest, OfAFrozenSourceTheyMoveAndReturnButNoneAreSetAside) {
  const auto accepted = world().invited(email, with(300));
  const auto cancelled = world().invited(world().address(), with(200));
  const auto over = world().invited(world().address(), with(100));
  end_now(over.id);
  ASSERT_TRUE(becomes(over.id, "returned"));
  forget_that_it_was_sent(over.id);
  freeze("freeze");

  expect_problem(world().invite("admin", world().address(), with(10)), 403, "entity_frozen");
  expect_problem(
      admin.put("/api/invitations/" + cancelled.id, R"({"expiryHours":2160})"), 403, "entity_frozen"
  );
  expect_problem(admin.post("/api/invitations/resend/" + over.id, ""), 403, "entity_frozen");
  ASSERT_EQ(world().accept(accepted.token).status(), 200);
  ASSERT_EQ(admin.remove("/api/invitations/" + cancelled.id).status(), 200);

  EXPECT_TRUE(becomes(accepted.id, "moved")) << state(accepted.id);
  EXPECT_TRUE(becomes(cancelled.id, "returned")) << state(cancelled.id);
  freeze("unfreeze");
  EXPECT_TRUE(wait_until(patience, [&] { return arrived() == "300"; })) << arrived();
  EXPECT_EQ(available() + "+" + reserved(), "700+0");
  expect_verified();
}

TEST_F(InvitationStarterCreditsTest, ASourceIsNotDeletedWhileTheyAreSetAside) {
  const auto below = "below-" + suffix;
  make("/api/organizations", below, R"("name":"B","parentId":")" + org + "\"");
  const auto location = "below-loc-" + suffix;
  make("/api/locations", location, R"("name":"L","organizationId":")" + below + "\"");
  ASSERT_EQ(
      admin
          .post(
              "/api/credits/allocate",
              R"({"fromEntityType":"organization","fromEntityId":")" + org +
                  R"(","allocations":[{"toEntityType":"organization","toEntityId":")" + below +
                  R"(","credits":100}]})"
          )
          .status(),
      200
  );
  const auto made = world().invited(
      email, R"(,"entityAssignments":[)" + at(location) + "]" + starting(100, below, location)
  );
  const auto gone = [&](const std::string& route) {
    return wait_until(patience, [&] { return admin.remove(route).status() == 200; });
  };

  // Whoever is below it may go: then there is nobody to whom the credits could move.
  ASSERT_TRUE(gone("/api/locations/" + location));
  for (const std::string more : {"", "?returnTo=parent"})
    expect_problem(admin.remove("/api/organizations/" + below + more), 409, "entity_has_holds");
  ASSERT_EQ(admin.remove("/api/invitations/" + made.id).status(), 200);
  EXPECT_TRUE(becomes(made.id, "returned"));
  EXPECT_TRUE(gone("/api/organizations/" + below + "?returnTo=parent"));
  EXPECT_EQ(available() + "+" + reserved(), "1000+0");
  expect_verified();
}

TEST_F(InvitationStarterCreditsTest, WhereTheReceiverIsGoneTheyGoBack) {
  const auto made = world().invited(email, with(500));
  ASSERT_EQ(admin.remove("/api/locations/" + place).status(), 200);

  const auto accepted = world().accept(made.token);

  ASSERT_EQ(accepted.status(), 200) << accepted.response.body;
  EXPECT_TRUE(becomes(made.id, "returned")) << state(made.id);
  EXPECT_EQ(available() + "+" + reserved(), "1000+0");
  expect_verified();
}

TEST_F(InvitationStarterCreditsTest, W12OfFiftyWhoAcceptAtOnceOneMovesThem) {
  const auto made = world().invited(email, with(500));
  std::atomic<int> accepted{0};
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < 50; ++i)
      all.emplace_back([&] { accepted += world().accept(made.token).status() == 200; });
  }

  EXPECT_EQ(accepted, 1);
  EXPECT_TRUE(becomes(made.id, "moved")) << state(made.id);
  EXPECT_TRUE(wait_until(patience, [&] { return arrived() == "500"; })) << arrived();
  EXPECT_EQ(available() + "+" + reserved(), "500+0");
  EXPECT_EQ(
      world().sql(
          "SELECT count(*) FROM credit_allocations WHERE from_entity_id = '" + org +
          "' AND to_entity_id = '" + place + "'"
      ),
      "1"
  );
  expect_verified();
}

TEST_F(InvitationStarterCreditsTest, ARepeatedCallSetsThemAsideOnce) {
  const auto body = world().invitation(email, with(500));
  const header_list key{{"Idempotency-Key", "start-" + suffix}};
  std::vector<http_exchange> answers(6);
  {
    std::vector<std::jthread> all;
    for (auto& answer : answers)
      all.emplace_back([&] { answer = world().client_of("admin").post("/api/invitations", body, key); });
  }

  for (const auto& answer : answers)
    EXPECT_EQ(answer.status(), 201) << answer.response.body;
  for (const auto& answer : answers)
    EXPECT_EQ(answer.response.body, answers.front().response.body);
  EXPECT_EQ(available() + "+" + reserved(), "500+500");
  EXPECT_EQ(world().sql("SELECT count(*) FROM user_invitations WHERE email = '" + email + "'"), "1");
}

TEST_F(InvitationStarterCreditsTest, SendingAgainKeepsThemOrSetsThemAsideAnew) {
  const auto made = world().invited(email, with(600));
  const auto resend = [&] {
    return admin.post("/api/invitations/resend/" + made.id, R"({"expiryHours":2160})");
  };
  forget_that_it_was_sent(made.id);

  // What is set aside lasts as long.
  const auto kept = admin.post("/api/invitations/resend/" + made.id, R"({"expiryHours":720})");
  ASSERT_EQ(kept.status(), 200) << kept.response.body;
  EXPECT_EQ(available() + "+" + reserved(), "400+600");
  EXPECT_GT(text_at(kept.response.body, "/expiresAt"), in_hours(719));
  EXPECT_EQ(reservations(made.id), "1");

  // For both at once there is not enough: it ends a day before what is set aside does.
  forget_that_it_was_sent(made.id);
  const auto first = resend();
  ASSERT_EQ(first.status(), 200) << first.response.body;
  EXPECT_EQ(available() + "+" + reserved(), "400+600");
  EXPECT_GT(text_at(first.response.body, "/expiresAt"), in_hours(24 * 36 - 1));
  EXPECT_LT(text_at(first.response.body, "/expiresAt"), in_hours(24 * 36 + 1));

  // With more, what is set aside is replaced.
  give(600, std::chrono::hours(24 * 400));
  forget_that_it_was_sent(made.id);
  const auto second = resend();
  ASSERT_EQ(second.status(), 200) << second.response.body;
  EXPECT_GT(text_at(second.response.body, "/expiresAt"), in_hours(2159));
  EXPECT_TRUE(wait_until(patience, [&] { return reserved() == "600"; })) << reserved();
  EXPECT_EQ(state(made.id), "reserved");

  // What was over has given them back: they are set aside anew.
  end_now(made.id);
  ASSERT_TRUE(becomes(made.id, "returned"));
  const auto third = resend();
  ASSERT_EQ(third.status(), 200) << third.response.body;
  EXPECT_EQ(available() + "+" + reserved(), "1000+600");

  ASSERT_EQ(world().accept(text_at(third.response.body, "/invitationToken")).status(), 200);
  EXPECT_TRUE(becomes(made.id, "moved"));
  EXPECT_TRUE(wait_until(patience, [&] { return arrived() == "600"; })) << arrived();
  EXPECT_EQ(available() + "+" + reserved(), "1000+0");
  expect_verified();
}

TEST_F(InvitationStarterCreditsTest, WhatIsOverIsNotSentAgainWithoutThem) {
  const auto made = world().invited(email, with(600));
  end_now(made.id);
  ASSERT_TRUE(becomes(made.id, "returned"));
  world().invited(world().address(), with(800));
  forget_that_it_was_sent(made.id);

  expect_problem(admin.post("/api/invitations/resend/" + made.id, ""), 402, "insufficient_credits");

  EXPECT_EQ(world().status_of(made.id), "expired");
  EXPECT_EQ(available() + "+" + reserved(), "200+800");
}

TEST_F(InvitationStarterCreditsTest, ALaterEndNeedsCreditsThatLast) {
  const auto made = world().invited(email, with(600));
  const auto route = "/api/invitations/" + made.id;

  expect_problem(admin.put(route, R"({"expiryHours":2160})"), 402, "insufficient_credits");
  EXPECT_EQ(admin.put(route, R"({"expiryHours":720})").status(), 200);
  give(600, std::chrono::hours(24 * 400));
  EXPECT_EQ(admin.put(route, R"({"expiryHours":2160})").status(), 200);
  EXPECT_TRUE(wait_until(patience, [&] { return reserved() == "600"; })) << reserved();
  expect_problem(
      admin.put(route, R"({"entityAssignments":[)" + at(beside) + "]}"), 422, "invalid_assignments"
  );
}

TEST_F(InvitationStarterCreditsTest, WhatReplacesOneIsThereFirst) {
  const auto first = world().invited(email, with(600));

  expect_problem(
      world().invite("admin", email, with(500) + R"(,"onConflict":"replace")"), 402, "insufficient_credits"
  );
  EXPECT_EQ(world().status_of(first.id), "pending");
  const auto second = world().invited(email, with(400) + R"(,"onConflict":"replace")");

  EXPECT_EQ(world().status_of(first.id), "cancelled");
  EXPECT_TRUE(becomes(first.id, "returned"));
  EXPECT_EQ(state(second.id), "reserved");
  EXPECT_EQ(available() + "+" + reserved(), "600+400");
}

TEST_F(InvitationStarterCreditsTest, WhatIsSetAsideForNothingGoesBack) {
  // As a call leaves it that ends between the two.
  const auto made = world().invited(email, with(500));
  world().sql(
      "UPDATE invitation_starter_credits SET attached = false, created_at = created_at - interval '1 minute'"
      " WHERE invitation_id = '" +
      made.id + "'"
  );

  EXPECT_TRUE(wait_until(patience, [&] { return reserved() == "0"; })) << reserved();
  EXPECT_EQ(available(), "1000");
  EXPECT_EQ(holds(), 1);
}

TEST_F(InvitationStarterCreditsTest, WhatIsSetAsideForOneIsNotTakenForAnother) {
  const auto other = world().invited(world().address(), with(600));
  const auto made = world().invited(email, with(400));
  const auto prolong = [&] {
    return admin.put(
        "/api/invitations/" + made.id, R"({"expiryHours":2160})", {{"Idempotency-Key", "other-" + suffix}}
    );
  };
  expect_problem(prolong(), 402, "insufficient_credits");
  give(400, std::chrono::hours(24 * 400));
  // As another call under the same key leaves it that was not answered.
  world().sql(
      "UPDATE invitation_starter_credits SET attached = false, credits = 400, created_at = clock_timestamp(),"
      " ends_at = clock_timestamp() + interval '2160 hours' - interval '5 seconds', idempotency_key ="
      " (SELECT idempotency_key FROM invitation_starter_credits WHERE NOT attached AND invitation_id = '" +
      made.id + "') WHERE invitation_id = '" + other.id + "'"
  );

  const auto done = prolong();

  ASSERT_EQ(done.status(), 200) << done.response.body;
  const auto attached_to = [&](const std::string& id) {
    return world().sql(
        "SELECT count(*) FROM invitation_starter_credits WHERE attached AND settled_as IS NULL AND ends_at >"
        " clock_timestamp() + interval '2000 hours' AND invitation_id = '" +
        id + "'"
    );
  };
  EXPECT_EQ(attached_to(made.id), "1");
  EXPECT_EQ(attached_to(other.id), "0");
  EXPECT_EQ(state(made.id), "reserved");
}

TEST_F(InvitationStarterCreditsTest, LotsNeedNoMoreThanToOutliveTheInvitation) {
  give(50, std::chrono::hours(169));

  const auto made = world().invite("admin", email, with(1'050));

  EXPECT_EQ(made.status(), 201) << made.response.body;
  const auto id = text_at(made.response.body, "/invitationId");
  expect_problem(admin.put("/api/invitations/" + id, R"({"expiryHours":170})"), 402, "insufficient_credits");
}

TEST_F(InvitationStarterCreditsTest, WhatIsOverIsSentAgainAtOnceWithTheSameCredits) {
  const auto made = world().invited(email, with(1'000));
  for (int i = 0; i < 3; ++i) {
    world().sql(
        "UPDATE user_invitations SET expires_at = clock_timestamp(), last_sent_at = last_sent_at -"
        " interval '1 hour' WHERE invitation_id = '" +
        made.id + "'"
    );

    const auto again = admin.post("/api/invitations/resend/" + made.id, "");

    ASSERT_EQ(again.status(), 200) << again.response.body;
    EXPECT_EQ(state(made.id), "reserved");
    EXPECT_EQ(available() + "+" + reserved(), "0+1000");
  }
}

TEST_F(InvitationStarterCreditsTest, WhoseReceiverIsGoneCanStillBeChangedAndSent) {
  const auto made = world().invited(email, with(500));
  const auto route = "/api/invitations/" + made.id;
  ASSERT_EQ(admin.remove("/api/locations/" + place).status(), 200);

  const auto changed =
      admin.put(route, R"({"entityAssignments":[)" + at(beside) + R"(],"expiryHours":2160})");

  ASSERT_EQ(changed.status(), 200) << changed.response.body;
  EXPECT_TRUE(becomes(made.id, "returned")) << state(made.id);
  EXPECT_EQ(available() + "+" + reserved(), "1000+0");
  forget_that_it_was_sent(made.id);
  const auto again = admin.post("/api/invitations/resend/" + made.id, "");
  ASSERT_EQ(again.status(), 200) << again.response.body;
  EXPECT_EQ(world().accept(text_at(again.response.body, "/invitationToken")).status(), 200);
  EXPECT_EQ(available() + "+" + reserved(), "1000+0");
}

TEST_F(InvitationStarterCreditsTest, AChangeThatIsRefusedSetsNothingAside) {
  const auto made = world().invited(email, with(400));
  world().invited(email);
  const auto location = R"({"entityType":"location","entityId":"loc-1","role":"viewer"})";

  const auto refused = admin.put(
      "/api/invitations/" + made.id,
      R"({"expiryHours":2160,"entityAssignments":[)" + at(place) + "," + location + "]}"
  );

  expect_problem(refused, 409, "invitation_already_pending");
  EXPECT_EQ(reservations(made.id), "1");
  EXPECT_EQ(available() + "+" + reserved(), "600+400");
}

TEST_F(InvitationStarterCreditsTest, SeveralThatEndInOneStatementGoBack) {
  const auto one = world().invited(email, with(100));
  const auto other = world().invited(world().address(), with(200));
  const auto stays = world().invited(world().address(), with(300));

  world().sql(
      "UPDATE user_invitations SET expires_at = clock_timestamp(), status = 'expired' WHERE invitation_id IN"
      " ('" +
      one.id + "', '" + other.id + "')"
  );

  EXPECT_TRUE(becomes(one.id, "returned")) << state(one.id);
  EXPECT_TRUE(becomes(other.id, "returned")) << state(other.id);
  EXPECT_EQ(state(stays.id), "reserved");
  EXPECT_EQ(available() + "+" + reserved(), "700+300");
}

TEST_F(InvitationStarterCreditsTest, ACheckSaysWhoMayNotGiveThem) {
  const auto checked = [&](const std::string& more) {
    return admin.post("/api/invitations/check", world().invitation(email, more)).response.body;
  };
  EXPECT_EQ(boolean_at(checked(with(5)), "/allowed"), true);
  EXPECT_EQ(text_at(checked(starting(5, org, "loc-1")), "/failed/0/code"), "not_in_subtree");
  EXPECT_EQ(reserved(), "0");
}

} // namespace tessera::test
