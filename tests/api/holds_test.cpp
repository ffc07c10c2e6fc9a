// Spending in two phases, against the real binary.
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

constexpr const char* holds_path = "/api/credits/holds";

class HoldsTest : public testing::Test {
protected:
  std::string hold(long credits, const std::string& more = {}) {
    const auto held = client.post(holds_path, world.spend(organization, credits, more));
    EXPECT_EQ(201, held.status()) << held.response.body;
    return text_at(held.response.body, "/holdId");
  }
  http_exchange capture(const std::string& id, const std::string& body, const header_list& headers = {}) {
    return client.post(std::string(holds_path) + "/" + id + "/capture", body, headers);
  }
  http_exchange release(const std::string& id) {
    return client.post(std::string(holds_path) + "/" + id + "/release", "{}");
  }
  std::string status_of(const std::string& id) {
    return text_at(client.get(std::string(holds_path) + "/" + id).response.body, "/status");
  }
  void expect_balance(long available, long reserved, long used) {
    const auto body = client.get("/api/credits/balance/organization/" + organization).response.body;
    EXPECT_EQ(available, integer_at(body, "/availableCredits")) << body;
    EXPECT_EQ(reserved, integer_at(body, "/reservedCredits")) << body;
    EXPECT_EQ(used, integer_at(body, "/usedCredits")) << body;
    EXPECT_EQ(available + reserved + used, integer_at(body, "/totalCredits")) << body;
  }
  static void expect_problem(const http_exchange& answer, int status, const std::string& code) {
    EXPECT_EQ(status, answer.status()) << answer.response.body;
    EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
  }
  std::string ledger(const std::string& columns, const std::string& where) {
    return world.service().cluster().query(
        world.service().database(),
        "SELECT " + columns + " FROM credit_entries JOIN entities USING (account_id) WHERE entity_id = '" +
            organization + "' AND " + where
    );
  }

  api_world& world = api_world::instance();
  const std::string organization = world.organization(1);
  http_client client = world.client();
};

TEST_F(HoldsTest, SetsAsideAndTellsWhatAndUntilWhen) {
  const auto held = client.post(
      holds_path, world.spend(organization, 300, R"(,"ttlSeconds":60,"meter":"jobs","metadata":{"job":7})")
  );

  ASSERT_EQ(201, held.status()) << held.response.body;
  const auto& body = held.response.body;
  EXPECT_EQ(true, boolean_at(body, "/success"));
  EXPECT_EQ("organization", text_at(body, "/entityType"));
  EXPECT_EQ(organization, text_at(body, "/entityId"));
  EXPECT_EQ(300, integer_at(body, "/credits"));
  EXPECT_EQ(0, integer_at(body, "/captured"));
  EXPECT_EQ("open", text_at(body, "/status"));
  EXPECT_EQ(300, integer_at(body, "/lots/0/units"));
  EXPECT_EQ(700, integer_at(body, "/availableCredits"));
  EXPECT_EQ(false, boolean_at(body, "/replayed"));
  expect_balance(700, 300, 0);
  const auto read = client.get(std::string(holds_path) + "/" + text_at(body, "/holdId")).response.body;
  EXPECT_EQ(text_at(body, "/expiresAt"), text_at(read, "/expiresAt"));
  EXPECT_EQ("jobs", text_at(read, "/meter"));
  EXPECT_EQ(7, integer_at(read, "/metadata/job"));
  EXPECT_EQ("api_key", text_at(read, "/requestedBy/kind"));
}

TEST_F(HoldsTest, WhatIsHeldIsNotThereForOthers) {
  hold(800);

  const auto refused = client.post("/api/credits/consume", world.spend(organization, 201));
  expect_problem(refused, 402, "insufficient_credits");
  EXPECT_EQ(200, integer_at(refused.response.body, "/wouldAllow"));
  const auto second = client.post(holds_path, world.spend(organization, 201));
  expect_problem(second, 402, "insufficient_credits");
  EXPECT_EQ("balance", text_at(second.response.body, "/blockedBy/kind"));
  EXPECT_EQ(200, integer_at(second.response.body, "/wouldAllow"));
}

TEST_F(HoldsTest, ACaptureUsesAndGivesTheRestBack) {
  const auto id = hold(300);

  const auto captured = capture(id, R"({"credits":120})");

  ASSERT_EQ(200, captured.status()) << captured.response.body;
  EXPECT_EQ("captured", text_at(captured.response.body, "/status"));
  EXPECT_EQ(120, integer_at(captured.response.body, "/captured"));
  EXPECT_EQ(880, integer_at(captured.response.body, "/availableCredits"));
  expect_balance(880, 0, 120);
  EXPECT_EQ("captured", status_of(id));
  const auto again = capture(id, R"({"credits":1})");
  expect_problem(again, 409, "hold_not_open");
  EXPECT_EQ("captured", text_at(again.response.body, "/state"));
}

TEST_F(HoldsTest, SeveralCaptures) {
  const auto id = hold(300);

  EXPECT_EQ("open", text_at(capture(id, R"({"credits":100,"final":false})").response.body, "/status"));
  EXPECT_EQ("open", text_at(capture(id, R"({"credits":100,"final":false})").response.body, "/status"));
  expect_balance(700, 100, 200);
  const auto over = capture(id, R"({"credits":101})");
  expect_problem(over, 422, "capture_exceeds_hold");
  EXPECT_EQ(100, integer_at(over.response.body, "/wouldAllow"));
  EXPECT_EQ("captured", text_at(capture(id, R"({"credits":100,"final":false})").response.body, "/status"));
  expect_balance(700, 0, 300);
}

TEST_F(HoldsTest, WhatGoesBeyondIsSpentInOneStepOrNothingHappens) {
  const auto id = hold(300);

  const auto refused = capture(id, R"({"credits":1001,"overage":"spend"})");
  expect_problem(refused, 402, "insufficient_credits");
  EXPECT_EQ(1000, integer_at(refused.response.body, "/wouldAllow"));
  expect_balance(700, 300, 0);

  EXPECT_EQ(200, capture(id, R"({"credits":1000,"overage":"spend"})").status());
  expect_balance(0, 0, 1000);
}

TEST_F(HoldsTest, AReleaseGivesEverythingBack) {
  const auto id = hold(300);

  EXPECT_EQ("released", text_at(release(id).response.body, "/status"));
  expect_balance(1000, 0, 0);
  const auto late = capture(id, R"({"credits":1})");
  expect_problem(late, 409, "hold_not_open");
  EXPECT_EQ("released", text_at(late.response.body, "/state"));
  EXPECT_EQ("released", text_at(capture(hold(5), R"({"credits":0})").response.body, "/status"));
}

TEST_F(HoldsTest, IsOverByItselfWithItsEntry) {
  const auto id = hold(300, R"(,"ttlSeconds":1)");

  ASSERT_TRUE(wait_until(milliseconds{15'000}, [&] { return status_of(id) == "expired"; }));
  expect_balance(1000, 0, 0); // exact, whether or not it has been booked
  const auto late = capture(id, R"({"credits":1})");
  expect_problem(late, 409, "hold_not_open");
  EXPECT_EQ("expired", text_at(late.response.body, "/state"));
  ASSERT_TRUE(wait_until(milliseconds{15'000}, [&] { return ledger("units", "entry_type = 7") == "300"; }));
  const auto entries =
      client.get("/api/credits/transactions?type=release&entityType=organization&entityId=" + organization);
  EXPECT_EQ("hold_expired", text_at(entries.response.body, "/transactions/0/cause"));
  EXPECT_EQ(id, text_at(entries.response.body, "/transactions/0/reference/holdId"));
  EXPECT_EQ("system", text_at(entries.response.body, "/transactions/0/requestedBy/kind"));
}

TEST_F(HoldsTest, ARepeatedKeyGivesTheFirstAnswer) {
  const auto& key = organization; // unique
  const header_list with_key{{"Idempotency-Key", key}};
  const auto first = client.post(holds_path, world.spend(organization, 300), with_key);
  const auto id = text_at(first.response.body, "/holdId");
  const auto captured = capture(id, R"({"credits":100,"final":false})", with_key);
  ASSERT_EQ(200, captured.status()) << captured.response.body;
  EXPECT_EQ(200, capture(id, R"({"credits":50})").status());

  const auto held_again = client.post(holds_path, world.spend(organization, 300), with_key);
  const auto captured_again = capture(id, R"({"credits":100,"final":false})", with_key);

  EXPECT_EQ(201, held_again.status()) << held_again.response.body;
  EXPECT_EQ(id, text_at(held_again.response.body, "/holdId"));
  EXPECT_EQ("open", text_at(held_again.response.body, "/status"));
  EXPECT_EQ(0, integer_at(held_again.response.body, "/captured"));
  EXPECT_EQ(text_at(first.response.body, "/expiresAt"), text_at(held_again.response.body, "/expiresAt"));
  EXPECT_EQ(700, integer_at(held_again.response.body, "/availableCredits"));
  EXPECT_EQ(
      text_at(first.response.body, "/lots/0/lotId"), text_at(held_again.response.body, "/lots/0/lotId")
  );
  EXPECT_EQ(true, boolean_at(held_again.response.body, "/replayed"));
  EXPECT_EQ("true", held_again.response.header("idempotent-replayed"));
  EXPECT_EQ(200, captured_again.status()) << captured_again.response.body;
  EXPECT_EQ("open", text_at(captured_again.response.body, "/status"));
  EXPECT_EQ(100, integer_at(captured_again.response.body, "/captured"));
  EXPECT_EQ(
      text_at(captured.response.body, "/transactionId"),
      text_at(captured_again.response.body, "/transactionId")
  );
  expect_balance(850, 0, 150);
  expect_problem(capture(id, R"({"credits":101})", with_key), 422, "idempotency_key_reused");
}

TEST_F(HoldsTest, ARefusalIsNotRemembered) {
  const header_list key{{"Idempotency-Key", "poor " + organization}};
  expect_problem(client.post(holds_path, world.spend(organization, 1001), key), 402, "insufficient_credits");
  world.buy(organization);
  EXPECT_EQ(201, client.post(holds_path, world.spend(organization, 1001), key).status());
}

TEST_F(HoldsTest, OthersSeeNone) {
  const auto id = hold(300);
  const auto path = std::string(holds_path) + "/" + id;
  auto hr = world.client_with(world.all(), "hr");
  auto elsewhere = world.client_with(
      world.key({"credits:read", "credits:hold"}, "crm", "organization/" + world.organization(0)), ""
  );
  auto colleague = world.client_with(world.key({"credits:hold"}, "crm"), "");

  for (auto* stranger : {&hr, &elsewhere}) {
    expect_problem(stranger->get(path), 404, "hold_unknown");
    expect_problem(stranger->post(path + "/capture", R"({"credits":1})"), 404, "hold_unknown");
    expect_problem(stranger->post(path + "/release", "{}"), 404, "hold_unknown");
  }
  expect_problem(colleague.post(path + "/capture", R"({"credits":1})"), 403, "not_the_holder");
  for (const auto* none : {"hold-1", "hold-0198f1c27a3e7b0c9d4e5f60718293a4-7"})
    expect_problem(capture(none, R"({"credits":1})"), 404, "hold_unknown");
  expect_problem(capture(id.substr(0, id.rfind('-')) + "-1", R"({"credits":1})"), 404, "hold_unknown");
  EXPECT_EQ("open", status_of(id));
}

/// Whose it is comes before the key, also when only the ledger knows the hold any more.
TEST_F(HoldsTest, NobodyIsToldByAKeyWhatOthersDid) {
  const auto id = hold(10);
  const auto path = std::string(holds_path) + "/" + id;
  const header_list key{{"Idempotency-Key", "of " + id}};
  auto colleague = world.client_with(world.key({"credits:hold"}, "crm"), "");
  ASSERT_EQ(200, client.post(path + "/capture", R"({"credits":4})", key).status());
  EXPECT_EQ(200, client.post(path + "/capture", R"({"credits":4})", key).status());
  expect_problem(colleague.post(path + "/capture", R"({"credits":4})", key), 403, "not_the_holder");
  expect_problem(colleague.post(path + "/capture", R"({"credits":5})", key), 403, "not_the_holder");
  expect_problem(colleague.post(path + "/capture", R"({"credits":1})"), 403, "not_the_holder");
  expect_problem(client.post(path + "/capture", R"({"credits":1})"), 409, "hold_not_open");
}

TEST_F(HoldsTest, IsListedNewestFirst) {
  const auto first = hold(10);
  const auto second = hold(20);
  release(first);
  const auto path = std::string(holds_path) + "?limit=1&entityType=organization&entityId=" + organization;

  const auto page = client.get(path).response.body;
  EXPECT_EQ(second, text_at(page, "/holds/0/holdId"));
  const auto rest = client.get(path + "&cursor=" + text_at(page, "/nextCursor")).response.body;
  EXPECT_EQ(first, text_at(rest, "/holds/0/holdId"));
  EXPECT_EQ("released", text_at(rest, "/holds/0/status"));
  auto hr = world.client_with(world.all(), "hr");
  EXPECT_EQ(0u, size_at(hr.get(path).response.body, "/holds"));
}

TEST_F(HoldsTest, BadBodies) {
  const auto id = hold(10);
  struct {
    const char* more;
    const char* code;
  } const holds[] = {
      {R"(,"ttlSeconds":0)", "validation_failed"},
      {R"(,"ttlSeconds":86401)", "validation_failed"},
      {R"(,"eventId":"e")", "unknown_field"},
  };
  for (const auto& [more, code] : holds)
    expect_problem(client.post(holds_path, world.spend(organization, 1, more)), 422, code);
  expect_problem(client.post(holds_path, world.spend(organization, 0)), 422, "amount_out_of_range");
  expect_problem(capture(id, "{}"), 422, "validation_failed");
  expect_problem(capture(id, R"({"credits":-1})"), 422, "amount_out_of_range");
  expect_problem(capture(id, R"({"credits":1,"overage":"steal"})"), 422, "validation_failed");
  expect_problem(capture(id, R"({"credits":1.5})"), 400, "invalid_type");
  expect_problem(
      client.post(std::string(holds_path) + "/" + id + "/release", R"({"credits":1})"), 422, "unknown_field"
  );
}

TEST_F(HoldsTest, ManyAtOnceNeverHoldMoreThanThereIs) {
  std::atomic<int> held{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      auto mine = world.client();
      for (int n = 0; n < 20; ++n)
        if (mine.post(holds_path, world.spend(organization, 10)).status() == 201) ++held;
    });
  threads.clear();

  EXPECT_EQ(100, held.load());
  expect_balance(0, 1000, 0);
}

TEST_F(HoldsTest, ACaptureCountsAsUse) {
  capture(hold(300, R"(,"meter":"jobs")"), R"({"credits":120})");

  const auto usage =
      client.get("/api/credits/usage?groupBy=meter&entityType=organization&entityId=" + organization);
  EXPECT_EQ("jobs", text_at(usage.response.body, "/usage/0/meter")) << usage.response.body;
  EXPECT_EQ(120, integer_at(usage.response.body, "/usage/0/used"));
}

/// Nothing makes one over HTTP: as an invitation will, by a row of the inbox.
TEST_F(HoldsTest, AnEscrowIsNobodysToCapture) {
  world.service().cluster().query(
      world.service().database(),
      "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, principal_kind, principal_id,"
      " principal_application, request_id, reference, credits, purpose, ttl_us)"
      " SELECT gen_random_uuid(), account_id, tenant_id, 16, 0, '', 'crm', 'of-a-test', 'inv-1', 300, 2, "
      "60000000"
      " FROM entities WHERE entity_id = '" +
          organization + "'"
  );
  world.buy(organization); // has it look into its inbox
  const auto seen =
      client.get("/api/credits/transactions?type=hold&entityType=organization&entityId=" + organization);
  const auto id = text_at(seen.response.body, "/transactions/0/reference/holdId");
  ASSERT_FALSE(id.empty()) << seen.response.body;
  expect_balance(1700, 300, 0);

  expect_problem(capture(id, R"({"credits":1})"), 404, "hold_unknown");
  expect_problem(release(id), 404, "hold_unknown");
  const auto shown = client.get(std::string(holds_path) + "/" + id);
  EXPECT_EQ("escrow", text_at(shown.response.body, "/purpose")) << shown.response.body;
  EXPECT_EQ("open", text_at(shown.response.body, "/status"));
  EXPECT_EQ("", text_at(client.get(std::string(holds_path) + "/" + hold(1)).response.body, "/purpose"));
}

} // namespace

TEST(HoldLifeTest, OpenHoldsAndTheirKeysOutliveACrash) {
  tessera_service service;
  service.create_tenant("t");
  service.create_package("t", "thousand", 1000, 1);
  const auto all = service.create_api_key(
      "t", {"credits:read", "credits:consume", "credits:hold", "credits:purchase", "directory:write"}
  );
  service.create_application(all, "crm");
  service.create_organization(all, "o");
  auto client = service.client(all);
  client.set_header("X-Application", "crm");
  client.post(
      "/api/credits/purchase",
      R"({"entityType":"organization","entityId":"o","packageId":"thousand","paymentMethod":"test"})"
  );
  const header_list key{{"Idempotency-Key", "k"}};
  const auto first = client.post(holds_path, api_world::spend("o", 600), key);
  ASSERT_EQ(201, first.status()) << first.response.body;
  const auto path = std::string(holds_path) + "/" + text_at(first.response.body, "/holdId");
  client.post(path + "/capture", R"({"credits":100,"final":false})");
  const auto brief = client.post(holds_path, api_world::spend("o", 50, R"(,"ttlSeconds":1)"));
  const auto brief_path = std::string(holds_path) + "/" + text_at(brief.response.body, "/holdId");

  service.crash_and_restart();

  const auto again = client.post(holds_path, api_world::spend("o", 600), key);
  EXPECT_EQ(true, boolean_at(again.response.body, "/replayed")) << again.response.body;
  EXPECT_EQ(402, client.post("/api/credits/consume", api_world::spend("o", 401)).status());
  ASSERT_TRUE(wait_until(milliseconds{15'000}, [&] { // nobody touches it: its supervisor does
    return service.cluster().query(
               service.database(), "SELECT sum(units) FROM credit_entries WHERE entry_type = 7"
           ) == "50";
  }));
  EXPECT_EQ("expired", text_at(client.get(brief_path).response.body, "/status"));
  const auto captured = client.post(path + "/capture", R"({"credits":500})");
  EXPECT_EQ(200, captured.status()) << captured.response.body;
  service.crash_and_restart();
  const auto balance = client.get("/api/credits/balance/organization/o").response.body;
  EXPECT_EQ(600, integer_at(balance, "/usedCredits")) << balance;
  EXPECT_EQ(400, integer_at(balance, "/availableCredits"));
  EXPECT_EQ(0, integer_at(balance, "/reservedCredits"));
  EXPECT_EQ(0, service.command({"verify", "--json"}).status.code);
}

} // namespace tessera::test
