// What people may see and do, and how soon that changes.
#include "tests/api/people_world.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tessera::test {

namespace {

using testing::ElementsAre;
using testing::IsSupersetOf;
using strings = std::set<std::string>;

class PeopleTest : public testing::Test {
protected:
  static people_world& world() {
    static people_world one;
    return one;
  }
  void SetUp() override { ASSERT_TRUE(world().people_sign_in()) << "nobody can sign in"; }

  /// The entities in a list of credits, each once.
  static strings listed(const std::string& principal, const std::string& list) {
    const auto page = world().client_of(principal).get("/api/credits/" + list);
    EXPECT_EQ(200, page.status()) << page.response.body;
    strings entities;
    for (const auto& each : items_at(page.response.body, "/" + list.substr(0, list.find('?'))))
      entities.insert(text_at(each, "/entityId"));
    return entities;
  }

  static http_exchange spend(http_client by, const std::string& organization = "org-own") {
    return by.post(
        "/api/credits/consume",
        R"({"entityType":"organization","credits":1,"entityId":")" + organization + "\"}"
    );
  }
};

TEST_F(PeopleTest, ListsShowWhatTheyMayRead) {
  for (const std::string list : {"purchases", "transactions?type=purchase"}) {
    SCOPED_TRACE(list);
    EXPECT_THAT(listed("tenant_admin", list), IsSupersetOf({"org-own", "loc-own", "org-sib", "loc-sib"}));
    EXPECT_THAT(listed("organization_admin", list), ElementsAre("loc-own", "org-own"));
    EXPECT_THAT(listed("location_manager", list), ElementsAre("loc-own"));
    EXPECT_THAT(listed("viewer", list), ElementsAre("org-own"));
  }
  EXPECT_THAT(
      listed(
          "viewer", "transactions?type=purchase&entityType=organization&entityId=org-own&descendants=true"
      ),
      ElementsAre("org-own")
  );
  EXPECT_THAT(
      listed(
          "organization_admin",
          "transactions?type=purchase&entityType=organization&entityId=org-own&descendants=true"
      ),
      ElementsAre("loc-own", "org-own")
  );
}

TEST_F(PeopleTest, ATenantAdminSeesAllApplications) {
  const auto all = "/api/credits/transactions?application=all";
  EXPECT_EQ(200, world().client_of("tenant_admin").get(all).status());
  const auto refused = world().client_of("organization_admin").get(all);
  EXPECT_EQ(403, refused.status());
  EXPECT_EQ("application_forbidden", text_at(refused.response.body, "/code"));
}

TEST_F(PeopleTest, CallForTheirOwnApplicationsOnly) {
  world().service.create_application(world().tokens.at("key"), "hr");
  const auto asked = [](const std::string& principal, const std::string& application) {
    auto client = world().client_of(principal);
    client.set_header("X-Application", application);
    return client.get("/api/credits/balance/organization/org-own").status();
  };
  EXPECT_EQ(200, asked("viewer", "crm"));
  EXPECT_EQ(403, asked("viewer", "hr"));
  EXPECT_EQ(200, asked("tenant_admin", "hr"));
  EXPECT_EQ(422, asked("viewer", "erp"));
}

TEST_F(PeopleTest, ARefusedEditOfAKeySaysWhy) {
  auto& service = world().service;
  service.create_application(world().tokens.at("key"), "till");
  service.create_api_key(world().tenant, {"credits:read"}, "till", "organization/org-own");
  const auto id =
      service.cluster().query(service.database(), "SELECT key_id FROM api_keys WHERE application = 'till'");
  const auto refused =
      world().client_of("organization_admin").put("/api/api-keys/" + id, R"({"name":"Mine"})");
  EXPECT_EQ(403, refused.status());
  EXPECT_EQ("application_forbidden", text_at(refused.response.body, "/code"));
  EXPECT_EQ(200, world().client_of("tenant_admin").put("/api/api-keys/" + id, R"({"name":"Till"})").status());
}

TEST_F(PeopleTest, TheLedgerNamesWhoSpent) {
  const auto spent = spend(world().client_of("editor"));
  ASSERT_EQ(200, spent.status()) << spent.response.body;
  const auto who = world().service.cluster().query(
      world().service.database(),
      "SELECT u.email || ' ' || e.principal_kind FROM credit_entries e JOIN users u ON u.user_id = "
      "e.principal_id"
      " WHERE e.entry_type = 4 ORDER BY e.booked_at DESC LIMIT 1"
  );
  EXPECT_EQ("editor@acme.test 2", who);
}

TEST_F(PeopleTest, AChangeIsEffectiveWithinTwoSeconds) {
  people_world own;
  // And a second for a busy machine.
  const auto soon = [&](int status) {
    return wait_until(milliseconds{3'000}, [&] { return spend(own.client_of("editor")).status() == status; });
  };
  ASSERT_TRUE(soon(200));
  own.sql("UPDATE memberships SET entity_role = 1 WHERE entity_role = 2");
  EXPECT_TRUE(soon(403));
  own.sql("UPDATE memberships SET entity_role = 2");
  EXPECT_TRUE(soon(200));
  own.sql("UPDATE users SET tokens_from = clock_timestamp()");
  EXPECT_TRUE(soon(401));
  own.sql("UPDATE users SET tokens_from = '2000-01-01'");
  EXPECT_TRUE(soon(200));
  own.sql("UPDATE users SET status = 'disabled'");
  EXPECT_TRUE(soon(401));
  own.sql("UPDATE users SET status = 'active'");
  EXPECT_TRUE(soon(200));
  own.sql("UPDATE user_sessions SET ended_at = clock_timestamp()"); // for good: none begins again
  EXPECT_TRUE(soon(401));
}

} // namespace

} // namespace tessera::test
