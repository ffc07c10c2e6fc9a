// Which deliveries a node claims, and that two nodes claim none at once, against a real PostgreSQL.
#include "persistence/stores/webhook_store.hpp"
#include "tests/integration/database_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

class WebhookClaimsTest : public testing::Test {
protected:
  /// `each` deliveries of `accounts` accounts to each of the endpoints `first` to `last`, due since `age`.
  void deliver(const made_tenant& to, int first, int last, int each, int accounts, const std::string& age) {
    owner.execute(
        "INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, "
        "account_id,"
        "  next_attempt_at)"
        " SELECT gen_random_uuid(), $1, gen_random_uuid(), 'credits.purchased', 'webhook', 'whe-' || e,"
        "  md5(($5 + i % $4)::text)::uuid, clock_timestamp() - $6::interval"
        " FROM generate_series($2::bigint, $3::bigint) e, generate_series(1::bigint, $5::bigint) i",
        pg::parameters()
            .add(to.id)
            .add(std::int64_t{first})
            .add(std::int64_t{last})
            .add(std::int64_t{accounts})
            .add(std::int64_t{each})
            .add(age),
        patience
    );
  }
  /// The endpoints are there, and were in trouble once; paused until so much later.
  void trouble(const made_tenant& of, int first, int last, const std::string& later) {
    const auto named =
        pg::parameters().add(of.id).add(std::int64_t{first}).add(std::int64_t{last}).add(later);
    owner.execute(
        "WITH made AS (INSERT INTO webhook_endpoints (tenant_id, endpoint_id, url, events)"
        "  SELECT $1, 'whe-' || e, 'https://example.com', '{*}' FROM generate_series($2::bigint, $3::bigint) "
        "e"
        "  RETURNING endpoint_id)"
        " INSERT INTO webhook_endpoint_pauses (tenant_id, endpoint_id, troubles, paused_until)"
        " SELECT $1, endpoint_id, 1, clock_timestamp() + $4::interval FROM made",
        named,
        patience
    );
  }
  std::vector<claimed_notification>
  claim(pg::connection& session, int most, int most_of_a_tenant = 16, const std::string& name = "one") {
    return persistence::claim_deliveries(session, name, {most, most_of_a_tenant, 5, 3}, 60s, patience);
  }
  static std::set<std::string> recipients(const std::vector<claimed_notification>& claimed) {
    std::set<std::string> found;
    for (const auto& one : claimed)
      found.insert(one.recipient);
    return found;
  }

  std::string database = migrated_database();
  open_session owner{owner_options(database)};
  open_session node{writer_options(database)};
  open_session api{api_options(database)};
  made_tenant acme = make_tenant(database);
  made_tenant other = make_tenant(database);
};

TEST_F(WebhookClaimsTest, WhatIsDueLongestGoesFirstAndOneOfEachEndpoint) {
  deliver(acme, 1, 3, 5, 5, "1 minute");
  deliver(other, 9, 9, 5, 5, "2 minutes");
  EXPECT_EQ((std::set<std::string>{"whe-9"}), recipients(claim(node, 1)));
  EXPECT_EQ((std::set<std::string>{"whe-1", "whe-2", "whe-3"}), recipients(claim(node, 64)));
  EXPECT_TRUE(claim(node, 64).empty());
}

TEST_F(WebhookClaimsTest, ATenantHasAPartOfTheRoom) {
  deliver(acme, 1, 5, 1, 1, "2 minutes");
  deliver(other, 9, 9, 1, 1, "1 minute");
  EXPECT_EQ(4u, claim(node, 64, 3).size());
  EXPECT_TRUE(claim(node, 64, 3).empty()); // with those that are under way
  EXPECT_EQ(2u, claim(node, 64, 5).size());
}

TEST_F(WebhookClaimsTest, WhatWasPutOffHoldsBackItsAccountAlone) {
  deliver(acme, 1, 1, 4, 2, "1 minute");
  owner.execute(
      "UPDATE notifications SET next_attempt_at = clock_timestamp() + interval '1 hour'"
      " WHERE position = (SELECT min(position) FROM notifications)",
      patience
  );
  EXPECT_EQ(1u, claim(node, 64).size());
  owner.execute("UPDATE notifications SET status = 'sent' WHERE status = 'claimed'", patience);
  EXPECT_EQ(1u, claim(node, 64).size());
  owner.execute("UPDATE notifications SET status = 'sent' WHERE status = 'claimed'", patience);
  EXPECT_TRUE(claim(node, 64).empty());
}

/// Of 64 five may be of endpoints that were in trouble, and three of a tenant.
TEST_F(WebhookClaimsTest, EndpointsInTroubleHaveAPartOfTheRoom) {
  deliver(acme, 1, 7, 2, 2, "2 minutes");
  deliver(other, 8, 12, 2, 2, "3 minutes");
  trouble(acme, 1, 5, "-1 second");
  trouble(other, 8, 12, "-1 minute");
  const auto claimed = claim(node, 64);
  const auto first = recipients(claimed);
  EXPECT_EQ(7u, first.size()) << "two without trouble, and five";
  EXPECT_EQ(3, std::ranges::count(claimed, other.id, &claimed_notification::tenant))
      << "whose pauses ended first";
  EXPECT_TRUE(first.contains("whe-6") && first.contains("whe-7"));
  EXPECT_TRUE(claim(node, 64).empty()) << "with those that are under way";
}

/// However much waits for the others, and for however long.
TEST_F(WebhookClaimsTest, EndpointsInTroubleTakeTurns) {
  deliver(acme, 1, 4, 2, 2, "1 hour");
  deliver(acme, 5, 5, 1, 1, "1 second");
  const auto third = make_tenant(database);
  deliver(third, 6, 9, 2, 2, "1 hour");
  deliver(other, 10, 11, 1, 1, "1 second");
  trouble(acme, 1, 4, "-1 second");
  trouble(acme, 5, 5, "-1 minute");
  trouble(third, 6, 9, "-1 second");
  trouble(other, 10, 11, "-1 minute");
  const auto first = recipients(claim(node, 64));
  EXPECT_EQ(5u, first.size());
  for (const auto* each : {"whe-5", "whe-10", "whe-11"})
    EXPECT_TRUE(first.contains(each)) << each;
}

TEST_F(WebhookClaimsTest, AnEndpointThatIsPausedIsLeftAlone) {
  deliver(acme, 1, 2, 2, 2, "1 minute");
  trouble(acme, 1, 1, "1 minute");
  EXPECT_EQ((std::set<std::string>{"whe-2"}), recipients(claim(node, 64)));
  in_transaction(api, acme.id, [&](auto& in) {
    persistence::end_pause(in, acme.id, "whe-1");
    return 0;
  });
  EXPECT_EQ((std::set<std::string>{"whe-1"}), recipients(claim(node, 64)));
}

TEST_F(WebhookClaimsTest, TwoNodesClaimNothingBoth) {
  deliver(acme, 1, 150, 2, 1, "1 minute");
  const auto claims = [this](const std::string& name) {
    open_session session{writer_options(database)};
    for (int i = 0; i < 60; ++i)
      claim(session, 5, 1'000, name);
  };
  std::thread first(claims, "one");
  claims("two");
  first.join();
  const auto rows = owner.execute(
      "SELECT count(*), max(claim) FROM notifications WHERE status = 'claimed'", pg::parameters{}, patience
  );
  EXPECT_EQ(150, rows.int8(0, 0));
  EXPECT_EQ(1, rows.int8(0, 1));
}

} // namespace
} // namespace tessera::test
