// DELETE /api/organizations/:id?returnTo=parent, and the same of locations.
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

class DeleteReturningTest : public testing::Test {
protected:
  std::string balance_of(const std::string& id) {
    return client.get("/api/credits/balance/organization/" + id).response.body;
  }
  std::optional<std::int64_t> available(const std::string& id) {
    return integer_at(balance_of(id), "/availableCredits");
  }
  http_exchange remove(const std::string& id, const std::string& key = {}, const std::string& if_match = {}) {
    header_list headers;
    if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
    if (!if_match.empty()) headers.emplace_back("If-Match", if_match);
    return client.remove("/api/organizations/" + id + "?returnTo=parent", headers);
  }
  http_exchange found(const std::string& id) {
    return world.client_with(world.key({"directory:read"}), "crm").get("/api/organizations/" + id);
  }
  std::string allocating(const std::string& to, long credits) const {
    return R"({"fromEntityType":"organization","fromEntityId":")" + above +
           R"(","allocations":[{"toEntityType":"organization","toEntityId":")" + to + R"(","credits":)" +
           std::to_string(credits) + "}]}";
  }
  std::string sql(const std::string& query) {
    return world.service().cluster().query(world.service().database(), query);
  }
  /// What of `above` and of all that was ever below it is there or spent.
  std::string all_units() {
    return sql(
        "WITH RECURSIVE tree AS (SELECT account_id FROM entities WHERE entity_id = '" + above +
        "' UNION ALL SELECT e.account_id FROM entities e JOIN tree t ON e.parent_account = t.account_id)"
        " SELECT sum(h.available_after + h.reserved_after + h.used_after) FROM tree t CROSS JOIN LATERAL ("
        "   SELECT * FROM credit_entries x WHERE x.account_id = t.account_id ORDER BY seq DESC LIMIT 1) h"
    );
  }

  api_world& world = api_world::instance();
  http_client client = world.client();
  std::string above = world.organization(1);
  std::string below = world.organization(2, above);
};

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

} // namespace

TEST_F(DeleteReturningTest, GivesAllBackAndDeletes) {
  expect_problem(client.remove("/api/organizations/" + below), 409, "entity_has_credits");
  const auto gone = remove(below, "gone-" + below);

  ASSERT_EQ(200, gone.status()) << gone.response.body;
  EXPECT_EQ(below, text_at(gone.response.body, "/organizationId"));
  EXPECT_EQ(3'000, available(above));
  expect_problem(found(below), 404, "entity_unknown");
  const auto listed = client.get("/api/credits/allocations?entityType=organization&entityId=" + above);
  EXPECT_EQ("return", text_at(listed.response.body, "/allocations/0/kind"));
  EXPECT_EQ(below, text_at(listed.response.body, "/allocations/0/fromEntityId"));
  EXPECT_EQ(2'000, integer_at(listed.response.body, "/allocations/0/credits"));
  for (const bool restarted : {false, true}) {
    if (restarted) world.service().crash_and_restart();
    client = world.client();
    const auto again = remove(below, "gone-" + below);
    EXPECT_EQ(200, again.status()) << again.response.body;
    EXPECT_EQ("true", again.response.header("idempotent-replayed"));
    EXPECT_EQ(gone.response.body, again.response.body);
  }
  EXPECT_EQ(3'000, available(above));
  expect_problem(remove(below), 404, "entity_unknown");
}

TEST_F(DeleteReturningTest, ALocationGivesBackToItsOrganisation) {
  const auto location = world.service().create_location(world.all(), "loc-of-" + below, below);
  client.post(
      "/api/credits/allocate",
      R"({"fromEntityType":"organization","fromEntityId":")" + below +
          R"(","allocations":[{"toEntityType":"location","toEntityId":")" + location + R"(","credits":300}]})"
  );
  EXPECT_EQ(1'700, available(below));
  const auto gone = client.remove("/api/locations/" + location + "?returnTo=parent");
  ASSERT_EQ(200, gone.status()) << gone.response.body;
  EXPECT_EQ(location, text_at(gone.response.body, "/locationId"));
  EXPECT_EQ(2'000, available(below));
}

TEST_F(DeleteReturningTest, CreditsOfAnyApplicationGoUpToo) {
  auto ruler = world.client_with(world.service().operator_key(), "crm");
  ruler.set_header("X-Tenant", world.tenant());
  const auto granted = ruler.post(
      "/api/credits/grants",
      R"({"entityType":"organization","credits":7,"kind":"promo","applications":["hr"],"reason":"a trial",)"
      R"("entityId":")" +
          below + "\"}"
  );
  ASSERT_EQ(201, granted.status()) << granted.response.body;
  EXPECT_EQ(2'000, available(below)); // to crm
  EXPECT_EQ(200, remove(below).status());
  EXPECT_EQ(3'000, available(above));
  auto hr = world.client_with(world.all(), "hr");
  const auto as_hr = hr.get("/api/credits/balance/organization/" + above).response.body;
  EXPECT_EQ(3'007, integer_at(as_hr, "/availableCredits"));
}

TEST_F(DeleteReturningTest, AnEmptyOneIsDeletedAsEver) {
  const auto empty = world.organization(0, above);
  EXPECT_EQ(200, remove(empty).status());
}

TEST_F(DeleteReturningTest, OneAtTheTopGivesBackToTheTenant) {
  const auto top = world.organization(1);
  const auto of_tenant = [&] {
    return integer_at(
        client.get("/api/credits/balance/tenant/" + world.tenant()).response.body, "/availableCredits"
    );
  };
  const auto before = of_tenant();
  EXPECT_EQ(200, remove(top).status());
  EXPECT_EQ(*before + 1'000, of_tenant());
}

TEST_F(DeleteReturningTest, MovesNothingWhereSomethingElseIsInTheWay) {
  const auto child = world.organization(0, below);
  expect_problem(remove(below), 409, "entity_has_children");
  EXPECT_EQ(200, client.remove("/api/organizations/" + child).status());

  const auto held = client.post("/api/credits/holds", world.spend(below, 5));
  expect_problem(remove(below), 409, "entity_has_holds");
  client.post("/api/credits/holds/" + text_at(held.response.body, "/holdId") + "/release", "{}");

  expect_problem(remove(below, {}, R"("v77")"), 412, "precondition_failed");
  const auto path = "/api/organizations/" + below;
  expect_problem(client.remove(path + "?returnTo=sibling"), 422, "invalid_parameter");
  expect_problem(client.remove(path + "?returnTo=parent&returnTo=parent"), 422, "duplicate_parameter");
  expect_problem(client.remove(path + "?x=1"), 422, "unknown_parameter");

  auto directory = world.client_with(world.key({"directory:write"}), "crm");
  expect_problem(directory.remove(path + "?returnTo=parent"), 403, "insufficient_scope");
  auto bound = world.client_with(
      world.key({"directory:write", "credits:allocate"}, "", "organization/" + below), "crm"
  );
  expect_problem(bound.remove(path + "?returnTo=parent"), 403, "entity_out_of_scope");

  EXPECT_EQ(2'000, available(below));
  EXPECT_EQ(1'000, available(above));
  const auto etag = found(below).response.header("etag");
  EXPECT_NE("", etag);
  EXPECT_EQ(200, remove(below, {}, etag).status());
}

TEST_F(DeleteReturningTest, AKeyOfAnotherDeletionIsAnotherCommand) {
  expect_problem(
      client.remove("/api/organizations/" + below, {{"Idempotency-Key", "del-" + below}}),
      409,
      "entity_has_credits"
  );
  EXPECT_EQ(200, remove(below, "del-" + below).status()); // refusals are not kept
  expect_problem(
      client.remove("/api/organizations/" + below, {{"Idempotency-Key", "del-" + below}}),
      422,
      "idempotency_key_reused"
  );
}

TEST_F(DeleteReturningTest, TheCreditsOfAFrozenOneAreCalledBack) {
  auto ruler = world.client_with(world.service().operator_key(), "crm");
  ruler.set_header("X-Tenant", world.tenant());
  ASSERT_EQ(
      200,
      ruler.post("/api/credits/freeze", R"({"entityType":"organization","entityId":")" + below + "\"}")
          .status()
  );
  EXPECT_EQ(200, remove(below).status());
  EXPECT_EQ(3'000, available(above));
  const auto listed = client.get("/api/credits/allocations?entityType=organization&entityId=" + above);
  EXPECT_EQ("reclaim", text_at(listed.response.body, "/allocations/0/kind"));
}

/// The entity above can't take anything in for a while: what was sent up is on its way, and the same call
/// goes on.
TEST_F(DeleteReturningTest, TheSameCallGoesOnWhereItStopped) {
  const auto name = "late_" + std::to_string(std::hash<std::string>{}(above));
  sql("CREATE FUNCTION " + name +
      "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$");
  sql("CREATE TRIGGER " + name + " BEFORE UPDATE ON credit_inbox FOR EACH ROW WHEN (NEW.account_id = '" +
      sql("SELECT account_id FROM entities WHERE entity_id = '" + above + "'") + "') EXECUTE FUNCTION " +
      name + "()");
  const auto late = remove(below, "on-" + below);
  expect_problem(late, 409, "entity_has_pending");
  EXPECT_EQ(0, available(below));
  sql("DROP TRIGGER " + name + " ON credit_inbox");

  EXPECT_TRUE(wait_until(milliseconds{10'000}, [&] { return remove(below, "on-" + below).status() == 200; }));
  EXPECT_EQ(3'000, available(above));
  EXPECT_EQ("3000", all_units());
}

/// Credits come and go while it is to be deleted: it ends with nothing, or is there with what it is said to
/// have.
TEST_F(DeleteReturningTest, WhateverRacesNothingIsLost) {
  for (int i = 0; i < 4; ++i) {
    const auto doomed = world.organization(0, above);
    ASSERT_EQ(200, client.post("/api/credits/allocate", allocating(doomed, 50)).status());
    std::atomic<bool> over{false};
    std::atomic<int> refused{0};
    {
      std::vector<std::jthread> others;
      others.emplace_back([&] {
        auto line = world.client();
        while (!over) {
          const auto moved = line.post("/api/credits/allocate", allocating(doomed, 3));
          EXPECT_TRUE(moved.status() == 200 || moved.status() == 202 || moved.status() >= 402)
              << moved.status();
        }
      });
      others.emplace_back([&] {
        auto line = world.client();
        while (!over)
          line.post("/api/credits/consume", world.spend(doomed, 1));
      });
      others.emplace_back([&] {
        auto line = world.client();
        while (!over) {
          const auto held = line.post("/api/credits/holds", world.spend(doomed, 2));
          const auto id = text_at(held.response.body, "/holdId");
          if (!id.empty()) line.post("/api/credits/holds/" + id + "/release", "{}");
        }
      });
      EXPECT_TRUE(wait_until(milliseconds{20'000}, [&] {
        const auto gone = remove(doomed, "race-" + doomed);
        if (gone.status() == 409) ++refused;
        EXPECT_TRUE(gone.status() == 200 || gone.status() == 409 || gone.status() == 503)
            << gone.response.body;
        return gone.status() == 200;
      }));
      over = true;
    }
    // The last of its credits may still be on their way up.
    EXPECT_TRUE(wait_until(milliseconds{10'000}, [&] { return all_units() == "3000"; })) << all_units();
    EXPECT_EQ(
        "0",
        sql("SELECT available_after + reserved_after + debt_after FROM credit_entries JOIN entities USING "
            "(account_id)"
            " WHERE entity_id = '" +
            doomed + "' ORDER BY seq DESC LIMIT 1")
    );
  }
}

} // namespace tessera::test
