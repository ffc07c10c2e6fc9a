// An hour of deliveries within seconds: the dispatcher as it is, its rows in a real PostgreSQL, its endpoints
// and its time the test's own. Nothing sleeps: time passes by moving what stands in rows into the past.
#include "actors/notification/webhook_dispatcher.hpp"
#include "persistence/stores/notification_view_store.hpp"
#include "tests/integration/database_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using testing::SizeIs;

class hand_moved_clock final : public clock {
public:
  time_point now() const override { return now_; }
  void pass(seconds time) { now_ += time; }

private:
  time_point now_ = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
};

class WebhookPatienceTest : public testing::Test {
protected:
  static constexpr seconds tick{5};

  void add_endpoint(const made_tenant& of, const std::string& id) {
    owner.execute(
        "INSERT INTO webhook_endpoints (tenant_id, endpoint_id, url, events) VALUES ($1, $2, 'https://' || "
        "$2, "
        "'{*}')",
        pg::parameters().add(of.id).add(id),
        patience
    );
    tenants[id] = of.id;
  }
  /// Something happens of which the endpoint is to hear; its number is the body.
  void happen(const std::string& endpoint) {
    const auto number = std::to_string(told[endpoint]++);
    owner.execute(
        "INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, "
        "account_id,"
        " variables) VALUES (gen_random_uuid(), $1, gen_random_uuid(), 'credits.purchased', 'webhook', $2,"
        " md5($2)::uuid, jsonb_build_object('body', $3::text))",
        pg::parameters().add(tenants[endpoint]).add(endpoint).add(number),
        patience
    );
  }
  void take(outgoing_request request, outgoing_done done) {
    const auto endpoint = request.url.substr(std::string("https://").size());
    heard[endpoint].emplace_back(elapsed, std::stoll(request.body));
    const auto life = hangs.contains(endpoint) ? 15s : late.contains(endpoint) ? 10s : 0s;
    under_way.push_back({elapsed + life, endpoint, std::move(done)});
  }
  /// Answers what is due; false: nothing is.
  bool answer() {
    const auto later = std::stable_partition(under_way.begin(), under_way.end(), [this](const auto& each) {
      return each.due > elapsed;
    });
    std::vector<request_under_way> due(
        std::make_move_iterator(later), std::make_move_iterator(under_way.end())
    );
    under_way.erase(later, under_way.end());
    for (auto& each : due) {
      outgoing_outcome outcome;
      if (hangs.contains(each.endpoint))
        outcome.failure = outgoing_failure::timed_out;
      else
        outcome.answer.status = 204;
      each.done(std::move(outcome));
    }
    return !due.empty();
  }
  /// Everything that can be done without time passing.
  void settle() {
    do
      while (dispatcher.step()) {
      }
    while (answer());
  }
  void pass() {
    elapsed += tick;
    time.pass(tick);
    const auto moved = pg::parameters().add(std::int64_t{tick.count()});
    owner.execute(
        "UPDATE notifications SET next_attempt_at = next_attempt_at - $1 * interval '1 second',"
        " claimed_until = claimed_until - $1 * interval '1 second'"
        " WHERE status = 'claimed' OR (status = 'queued' AND next_attempt_at > clock_timestamp())",
        moved,
        patience
    );
    owner.execute(
        "UPDATE webhook_endpoint_pauses SET paused_until = paused_until - $1 * interval '1 second'",
        moved,
        patience
    );
  }
  std::int64_t count(const char* sql) { return owner.execute(sql, patience).int8(0, 0); }

  struct request_under_way {
    seconds due;
    std::string endpoint;
    outgoing_done done;
  };
  std::string database = migrated_database();
  open_session owner{owner_options(database)};
  made_tenant acme = make_tenant(database);
  made_tenant other = make_tenant(database);
  hand_moved_clock time;
  token_secret secret{"a secret that is long enough for tests"};
  notification_statistics statistics;
  seconds elapsed{0};
  std::map<std::string, tenant_id> tenants;
  std::map<std::string, std::int64_t> told;                                   // how much, by endpoint
  std::map<std::string, std::vector<std::pair<seconds, std::int64_t>>> heard; // when, and which
  std::set<std::string> hangs;                                                // endpoints
  std::set<std::string> late;                                                 // they answer after 10 s
  std::vector<request_under_way> under_way;
  webhook_dispatcher dispatcher{
      writer_options(database),
      {.node_name = "one"},
      time,
      secret,
      [this](outgoing_request request, outgoing_done done) { take(std::move(request), std::move(done)); },
      [] {},
      statistics};
};

/// Issue 8, `must show`: one that is slow for an hour delays nobody else, not even its own tenant's others.
TEST_F(WebhookPatienceTest, OneThatIsSlowForAnHourDelaysNobodyElse) {
  add_endpoint(acme, "whe-slow");
  add_endpoint(acme, "whe-near");
  add_endpoint(other, "whe-far");
  hangs = {"whe-slow"};
  while (elapsed < 1h) {
    for (const auto* endpoint : {"whe-slow", "whe-near", "whe-far"})
      happen(endpoint);
    settle();
    for (const auto* endpoint : {"whe-near", "whe-far"}) {
      ASSERT_EQ(heard[endpoint].size(), static_cast<std::size_t>(told[endpoint])) << elapsed.count();
      ASSERT_EQ(heard[endpoint].back().first, elapsed) << "at once";
    }
    pass();
  }

  while (!under_way.empty()) {
    pass();
    settle();
  }
  const auto tries = heard["whe-slow"];
  EXPECT_GE(tries.size(), 6u);
  EXPECT_LE(tries.size(), 14u) << "it is left alone";
  for (std::size_t i = 1; i < tries.size(); ++i) {
    EXPECT_EQ(tries[i].second, 0) << "nothing before what happened first";
    // Longer each time. That the test itself takes time makes it a little less.
    EXPECT_GE(10 * (tries[i].first - tries[i - 1].first), 9 * (15s + 1s * (1 << (i - 1)))) << i;
  }

  hangs.clear();
  for (const auto until = elapsed + 3h;
       count("SELECT count(*) FROM notifications WHERE status <> 'sent'") > 0;) {
    ASSERT_LT(elapsed, until);
    pass();
    settle();
  }
  std::vector<std::int64_t> order;
  for (auto i = tries.size(); i < heard["whe-slow"].size(); ++i)
    order.push_back(heard["whe-slow"][i].second);
  std::vector<std::int64_t> all(static_cast<std::size_t>(told["whe-slow"]));
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(order, all) << "then all of it, once, and in order";
  EXPECT_EQ(count("SELECT count(*) FROM webhook_endpoint_pauses"), 0);
}

/// More of them than are asked at a time.
TEST_F(WebhookPatienceTest, ManyThatHangKeepNobodyWaitingForLong) {
  std::vector<std::string> all;
  for (int t = 0; t < 5; ++t) {
    const auto tenant = make_tenant(database);
    for (int e = 0; e < 16; ++e) {
      all.push_back("whe-" + std::to_string(t) + "-" + std::to_string(e));
      add_endpoint(tenant, all.back());
    }
    add_endpoint(tenant, "whe-good-" + std::to_string(t));
  }
  hangs = {all.begin(), all.end()};
  for (int i = 0; i < 120; ++i) {
    if (i % 12 == 0)
      for (const auto& each : all)
        happen(each);
    for (int t = 0; t < 5; ++t)
      happen("whe-good-" + std::to_string(t));
    settle();
    for (int t = 0; elapsed >= 30s && t < 5; ++t) {
      const auto good = "whe-good-" + std::to_string(t);
      ASSERT_EQ(heard[good].size(), static_cast<std::size_t>(told[good])) << elapsed.count();
    }
    pass();
  }
}

/// Nothing waits for an endpoint longer than it is to be tried, however seldom it is asked.
TEST_F(WebhookPatienceTest, WhatIsTooOldIsGivenUpWithoutBeingTried) {
  add_endpoint(acme, "whe-slow");
  hangs = {"whe-slow"};
  for (int i = 0; i < 5; ++i)
    happen("whe-slow");
  owner.execute("UPDATE notifications SET created_at = created_at - interval '73 hours'", patience);
  happen("whe-slow");
  settle();
  for (int i = 0; i < 3; ++i)
    pass();
  settle();
  EXPECT_THAT(heard["whe-slow"], SizeIs(1));
  EXPECT_EQ(count("SELECT count(*) FROM notifications WHERE status = 'dead'"), 5);
  EXPECT_EQ(count("SELECT count(*) FROM notifications WHERE status = 'queued'"), 1);
}

/// What was asked for again counts from then on.
TEST_F(WebhookPatienceTest, WhatIsAskedForAgainIsTriedAgain) {
  add_endpoint(acme, "whe-slow");
  hangs = {"whe-slow"};
  for (int i = 0; i < 5; ++i)
    happen("whe-slow");
  owner.execute(
      "UPDATE notifications SET status = 'dead', created_at = created_at - interval '96 hours'", patience
  );
  open_session api(api_options(database));
  const auto all = owner.execute("SELECT notification_id FROM notifications", patience);
  for (int i = 0; i < all.size(); ++i)
    in_transaction(api, acme.id, [&](auto& in) {
      return persistence::retry(in, {.tenant = acme.id, .id = all.uuid_at(i, 0), .endpoint = {}}).ok();
    });
  settle();
  for (int i = 0; i < 3; ++i)
    pass();
  settle();
  EXPECT_THAT(heard["whe-slow"], SizeIs(1)) << "the first hung";
  EXPECT_EQ(count("SELECT count(*) FROM notifications WHERE status = 'queued'"), 5);
}

/// However much it is.
TEST_F(WebhookPatienceTest, AllThatIsTooOldIsGivenUp) {
  add_endpoint(acme, "whe-slow");
  hangs = {"whe-slow"};
  owner.execute(
      "INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, "
      "created_at)"
      " SELECT gen_random_uuid(), $1, gen_random_uuid(), 'credits.purchased', 'webhook', 'whe-slow',"
      "  clock_timestamp() - interval '73 hours' FROM generate_series(1, 2500)",
      pg::parameters().add(acme.id),
      patience
  );
  owner.execute("UPDATE notifications SET variables = '{\"body\":\"0\"}'", patience);
  settle();
  for (int i = 0; i < 3; ++i)
    pass();
  settle();
  EXPECT_THAT(heard["whe-slow"], SizeIs(1));
  EXPECT_EQ(count("SELECT count(*) FROM notifications WHERE status = 'dead'"), 2'500);
}

/// That one can not be judged ends nothing for the others.
TEST_F(WebhookPatienceTest, WhatCanNotBeNotedOfOneIsNoMatterOfOthers) {
  add_endpoint(acme, "whe-slow");
  add_endpoint(other, "whe-late");
  owner.execute(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE foreign_key_violation; "
      "END $$",
      patience
  );
  owner.execute(
      "CREATE TRIGGER refuse BEFORE INSERT ON webhook_endpoint_pauses FOR EACH ROW EXECUTE FUNCTION refuse()",
      patience
  );
  hangs = {"whe-slow"};
  late = {"whe-late"};
  happen("whe-slow");
  happen("whe-late");
  EXPECT_NO_THROW(settle());
  for (int i = 0; i < 3; ++i)
    pass();
  EXPECT_NO_THROW(settle());
  EXPECT_EQ(count("SELECT count(*) FROM notifications WHERE status = 'sent' AND recipient = 'whe-late'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM notifications WHERE status = 'queued' AND recipient = 'whe-slow'"), 1)
      << "it is tried again";
}

/// It takes ten seconds for each, and something happens every 25.
TEST_F(WebhookPatienceTest, OneThatIsSlowButCouldKeepUpKeepsUp) {
  add_endpoint(acme, "whe-late");
  late = {"whe-late"};
  for (int i = 0; elapsed < 1h; ++i) {
    if (i % 5 == 0) happen("whe-late");
    settle();
    pass();
  }
  EXPECT_GE(heard["whe-late"].size() + 2, static_cast<std::size_t>(told["whe-late"]));
  EXPECT_GE(told["whe-late"], 140);
}

/// What is slow is left alone as well, though it takes what it is sent.
TEST_F(WebhookPatienceTest, AnAnswerThatComesLateIsAnAnswer) {
  add_endpoint(acme, "whe-slow");
  happen("whe-slow");
  while (dispatcher.step()) {
  }
  pass();
  pass();
  ASSERT_TRUE(answer());
  settle();
  EXPECT_EQ(count("SELECT count(*) FROM notifications WHERE status = 'sent'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM webhook_endpoint_pauses WHERE paused_until > clock_timestamp()"), 1);
  happen("whe-slow");
  settle();
  EXPECT_THAT(heard["whe-slow"], SizeIs(1)) << "not yet";
  pass();
  settle();
  EXPECT_THAT(heard["whe-slow"], SizeIs(2));
  EXPECT_EQ(count("SELECT count(*) FROM webhook_endpoint_pauses"), 0) << "it was quick";
}

} // namespace
} // namespace tessera::test
