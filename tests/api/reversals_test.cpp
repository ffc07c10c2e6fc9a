// POST /api/credits/reversals, against the real binary.
#include "messages/types/time.hpp"
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

constexpr const char* reversals_path = "/api/credits/reversals";

class ReversalsTest : public testing::Test {
protected:
  std::string spend(long credits, const std::string& more = {}) {
    const auto spent = client.post("/api/credits/consume", world.spend(organization, credits, more));
    EXPECT_EQ(200, spent.status()) << spent.response.body;
    return text_at(spent.response.body, "/transactionId");
  }
  static std::string body(const std::string& transaction, const std::string& more = {}) {
    return R"({"transactionId":")" + transaction + "\"" + more + "}";
  }
  http_exchange
  reverse(const std::string& transaction, const std::string& more = {}, const header_list& headers = {}) {
    return client.post(reversals_path, body(transaction, more), headers);
  }
  /// Newest first.
  std::string transactions(const std::string& filter = {}) {
    return client.get("/api/credits/transactions?entityType=organization&entityId=" + organization + filter)
        .response.body;
  }
  std::string lots() { return client.get("/api/credits/lots/organization/" + organization).response.body; }
  void expect_balance(long available, long used) {
    const auto balance = client.get("/api/credits/balance/organization/" + organization).response.body;
    EXPECT_EQ(available, integer_at(balance, "/availableCredits")) << balance;
    EXPECT_EQ(used, integer_at(balance, "/usedCredits")) << balance;
  }
  static void expect_problem(const http_exchange& answer, int status, const std::string& code) {
    EXPECT_EQ(status, answer.status()) << answer.response.body;
    EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
  }
  /// Credits that are over in a moment, and of them a spend whose lot is over now.
  std::string spend_of_a_lot_that_is_over(long given, long spent) {
    const auto end = std::chrono::floor<std::chrono::microseconds>(
        std::chrono::system_clock::now() + std::chrono::seconds(3)
    );
    const auto granted = world.of_operator("crm").post(
        "/api/credits/grants",
        world.spend(
            organization, given, R"(,"kind":"promo","reason":"test","expiresAt":")" + to_rfc3339(end) + "\""
        )
    );
    EXPECT_EQ(201, granted.status()) << granted.response.body;
    const auto id = spend(spent);
    EXPECT_TRUE(wait_until(milliseconds{20'000}, [&] {
      return text_at(transactions("&type=expire"), "/transactions/0/type") == "expire";
    }));
    return id;
  }

  api_world& world = api_world::instance();
  const std::string organization = world.organization(1);
  http_client client = world.client();
};

} // namespace

TEST_F(ReversalsTest, GivesEverythingBackToTheSameLot) {
  const auto spent = spend(300, R"(,"meter":"calls")");

  const auto reversed = reverse(spent);

  ASSERT_EQ(201, reversed.status()) << reversed.response.body;
  const auto& told = reversed.response.body;
  EXPECT_EQ(true, boolean_at(told, "/success"));
  EXPECT_EQ(spent, text_at(told, "/reversalOf"));
  EXPECT_EQ(300, integer_at(told, "/credits"));
  EXPECT_EQ(1000, integer_at(told, "/availableCredits"));
  EXPECT_EQ(false, boolean_at(told, "/replayed"));
  expect_balance(1000, 0);
  const auto entries = transactions();
  EXPECT_EQ(text_at(told, "/transactionId"), text_at(entries, "/transactions/0/transactionId"));
  EXPECT_EQ("reverse", text_at(entries, "/transactions/0/type"));
  EXPECT_EQ(spent, text_at(entries, "/transactions/0/reference/reversalOf"));
  EXPECT_EQ("crm", text_at(entries, "/transactions/0/application"));
  EXPECT_EQ("calls", text_at(entries, "/transactions/0/meter"));
  EXPECT_EQ(
      text_at(entries, "/transactions/1/lots/0/lotId"), text_at(entries, "/transactions/0/lots/0/lotId")
  );
  EXPECT_EQ(text_at(entries, "/transactions/1/occurredAt"), text_at(entries, "/transactions/0/occurredAt"));
}

TEST_F(ReversalsTest, InPartsAndNeverMoreThanTheWhole) {
  const auto spent = spend(300);

  EXPECT_EQ(201, reverse(spent, R"(,"credits":100)").status());
  EXPECT_EQ(201, reverse(spent, R"(,"credits":150)").status());
  const auto too_much = reverse(spent, R"(,"credits":51)");
  expect_problem(too_much, 422, "nothing_to_reverse");
  EXPECT_EQ(51, integer_at(too_much.response.body, "/requested"));
  EXPECT_EQ(50, integer_at(too_much.response.body, "/wouldAllow"));
  EXPECT_EQ(50, integer_at(reverse(spent).response.body, "/credits"));
  const auto nothing = reverse(spent);
  expect_problem(nothing, 422, "nothing_to_reverse");
  EXPECT_EQ(0, integer_at(nothing.response.body, "/wouldAllow"));
  expect_balance(1000, 0);
}

TEST_F(ReversalsTest, ACaptureYesAHoldOrAPurchaseNo) {
  const auto held = client.post("/api/credits/holds", world.spend(organization, 100)).response.body;
  const auto captured = client.post(
      "/api/credits/holds/" + text_at(held, "/holdId") + "/capture", R"({"credits":60,"final":false})"
  );

  EXPECT_EQ(201, reverse(text_at(captured.response.body, "/transactionId"), R"(,"credits":20)").status());
  expect_balance(920, 40);
  for (const auto& none :
       {text_at(held, "/transactionId"),
        text_at(transactions("&type=purchase"), "/transactions/0/transactionId")}) {
    ASSERT_FALSE(none.empty());
    const auto refused = reverse(none);
    expect_problem(refused, 422, "nothing_to_reverse");
    EXPECT_EQ(0, integer_at(refused.response.body, "/wouldAllow"));
  }
}

TEST_F(ReversalsTest, SixtyFourAtOnceReverseTheWholeOnce) {
  const auto spent = spend(500);
  std::atomic<int> made = 0;
  std::atomic<int> refused = 0;

  std::vector<std::thread> callers;
  for (int i = 0; i < 64; ++i)
    callers.emplace_back([&] {
      const auto answer = world.client().post(reversals_path, body(spent));
      if (answer.status() == 201) ++made;
      if (answer.status() == 422 || answer.status() == 503) ++refused;
    });
  for (auto& caller : callers)
    caller.join();

  EXPECT_EQ(1, made);
  EXPECT_EQ(63, refused);
  expect_balance(1000, 0);
}

TEST_F(ReversalsTest, ManyPartsAtOnceAddUp) {
  const auto spent = spend(32);
  std::atomic<int> made = 0;
  std::atomic<int> put_off = 0;

  std::vector<std::thread> callers;
  for (int i = 0; i < 40; ++i)
    callers.emplace_back([&] {
      auto own = world.client();
      const auto once = [&] { return own.post(reversals_path, body(spent, R"(,"credits":1)")); };
      auto answer = once();
      for (int again = 0; again < 20 && answer.status() == 503; ++again, ++put_off)
        answer = once();
      if (answer.status() == 201) ++made;
    });
  for (auto& caller : callers)
    caller.join();

  EXPECT_EQ(32, made) << put_off << " answers were 503";
  expect_balance(1000, 0);
}

TEST_F(ReversalsTest, ALotThatWasEmptiedIsThereAgain) {
  const auto lot = text_at(lots(), "/lots/0/lotId");
  ASSERT_FALSE(lot.empty());
  const auto spent = spend(1000);
  ASSERT_EQ(0u, size_at(lots(), "/lots"));
  world.service().crash_and_restart();
  client = world.client();

  ASSERT_EQ(201, reverse(spent, R"(,"credits":400)").status());

  const auto there = lots();
  EXPECT_EQ(lot, text_at(there, "/lots/0/lotId"));
  EXPECT_EQ(400, integer_at(there, "/lots/0/free"));
  EXPECT_EQ(1000, integer_at(there, "/lots/0/credits"));
  world.service().crash_and_restart();
  client = world.client();
  EXPECT_EQ(items_at(there, "/lots"), items_at(lots(), "/lots"));
  spend(400);
  expect_balance(0, 1000);
}

TEST_F(ReversalsTest, WhatIsOverExpiresAtOnce) {
  const auto spent = spend_of_a_lot_that_is_over(100, 60);

  const auto reversed = reverse(spent, R"(,"credits":50)");

  ASSERT_EQ(201, reversed.status()) << reversed.response.body;
  EXPECT_EQ(50, integer_at(reversed.response.body, "/credits"));
  EXPECT_EQ(1000, integer_at(reversed.response.body, "/availableCredits"));
  expect_balance(1000, 10);
  const auto entries = transactions();
  EXPECT_EQ("expire", text_at(entries, "/transactions/0/type"));
  EXPECT_EQ("reversed_after_expiry", text_at(entries, "/transactions/0/cause"));
  EXPECT_EQ(50, integer_at(entries, "/transactions/0/credits"));
  EXPECT_EQ(
      text_at(reversed.response.body, "/transactionId"),
      text_at(entries, "/transactions/0/reference/transactionId")
  );
  EXPECT_EQ("reverse", text_at(entries, "/transactions/1/type"));
}

TEST_F(ReversalsTest, AnAdministratorMayGrantItAnew) {
  const auto spent = spend_of_a_lot_that_is_over(100, 60);

  expect_problem(reverse(spent, R"(,"regrantDays":30)"), 403, "insufficient_role");
  const auto reversed = world.of_operator("crm").post(reversals_path, body(spent, R"(,"regrantDays":30)"));

  ASSERT_EQ(201, reversed.status()) << reversed.response.body;
  EXPECT_EQ(60, integer_at(reversed.response.body, "/credits"));
  expect_balance(1060, 0);
  const auto entries = transactions();
  EXPECT_EQ("reinstate", text_at(entries, "/transactions/0/type"));
  EXPECT_EQ(spent, text_at(entries, "/transactions/0/reference/reversalOf"));
  EXPECT_EQ("expire", text_at(entries, "/transactions/1/type"));
  EXPECT_EQ("reverse", text_at(entries, "/transactions/2/type"));
  int reinstated = 0;
  for (const auto& lot : items_at(lots(), "/lots")) {
    if (text_at(lot, "/kind") != "reinstated") continue;
    ++reinstated;
    EXPECT_EQ(60, integer_at(lot, "/free"));
    EXPECT_EQ(text_at(entries, "/transactions/0/lots/0/lotId"), text_at(lot, "/lotId"));
    EXPECT_FALSE(text_at(lot, "/expiresAt").empty());
  }
  EXPECT_EQ(1, reinstated);
}

TEST_F(ReversalsTest, ARepeatedKeyGivesTheFirstAnswerAlsoAfterARestart) {
  const auto spent = spend(300);
  const header_list key{{"Idempotency-Key", "back " + organization}};
  const header_list refused_key{{"Idempotency-Key", "no " + organization}};
  const auto first = reverse(spent, {}, key);
  ASSERT_EQ(201, first.status()) << first.response.body;
  const auto refused = reverse(spent, {}, refused_key);
  expect_problem(refused, 422, "nothing_to_reverse");
  EXPECT_EQ("", refused.response.header("idempotent-replayed"));
  world.buy(organization);

  for (const bool restarted : {false, true}) {
    if (restarted) world.service().crash_and_restart();
    client = world.client();
    const auto again = reverse(spent, {}, key);
    EXPECT_EQ(201, again.status()) << again.response.body;
    EXPECT_EQ("true", again.response.header("idempotent-replayed"));
    EXPECT_EQ(true, boolean_at(again.response.body, "/replayed"));
    EXPECT_EQ(text_at(first.response.body, "/transactionId"), text_at(again.response.body, "/transactionId"));
    EXPECT_EQ(1000, integer_at(again.response.body, "/availableCredits"));
    expect_problem(reverse(spent, R"(,"credits":1)", key), 422, "idempotency_key_reused");
    const auto refused_again = reverse(spent, {}, refused_key);
    expect_problem(refused_again, 422, "nothing_to_reverse");
    EXPECT_EQ("true", refused_again.response.header("idempotent-replayed"));
  }
  // Of what is no spend the key is looked up as well.
  const auto purchase = text_at(transactions("&type=purchase"), "/transactions/0/transactionId");
  expect_problem(reverse(purchase, {}, key), 422, "idempotency_key_reused");
  expect_balance(2000, 0);
}

TEST_F(ReversalsTest, OthersSeeNone) {
  const auto spent = spend(300);
  auto hr = world.client_with(world.all(), "hr");
  auto elsewhere =
      world.client_with(world.key({"credits:reverse"}, "crm", "organization/" + world.organization(0)), "");
  auto colleague = world.client_with(world.key({"credits:reverse"}, "crm"), "");
  auto without = world.client_with(world.key({"credits:consume"}, "crm"), "");
  const auto of_none = client.post(reversals_path, body("txn-0198f1c27a3e7b0c9d4e5f60718293a4-7")).response;
  const auto told = [](const http_response& answer) {
    return std::to_string(answer.status) + text_at(answer.body, "/code") + text_at(answer.body, "/title") +
           text_at(answer.body, "/detail");
  };

  for (auto* stranger : {&hr, &elsewhere}) {
    const auto none = stranger->post(reversals_path, body(spent));
    expect_problem(none, 404, "transaction_unknown");
    EXPECT_EQ(told(of_none), told(none.response));
    EXPECT_EQ(names_at(of_none.body, ""), names_at(none.response.body, ""));
  }
  for (const auto* none : {"txn-1", "spent", "hold-0198f1c27a3e7b0c9d4e5f60718293a4-7"})
    expect_problem(reverse(none), 404, "transaction_unknown");
  expect_problem(reverse(spent.substr(0, spent.rfind('-')) + "-9999"), 404, "transaction_unknown");
  expect_problem(colleague.post(reversals_path, body(spent)), 403, "not_the_spender");
  expect_problem(without.post(reversals_path, body(spent)), 403, "insufficient_scope");
  expect_balance(700, 300);
}

TEST_F(ReversalsTest, BadRequests) {
  const auto spent = spend(1);
  struct bad {
    std::string body;
    int status;
    const char* code;
  };
  const bad table[] = {
      {"{}", 422, "validation_failed"},
      {R"({"transactionId":7})", 400, "invalid_type"},
      {body(spent, R"(,"credits":0)"), 422, "amount_out_of_range"},
      {body(spent, R"(,"credits":9007199254740992)"), 422, "amount_out_of_range"},
      {body(spent, R"(,"regrantDays":0)"), 403, "insufficient_role"},
      {body(spent, R"(,"reason":"x")"), 422, "unknown_field"},
  };
  for (const auto& each : table)
    expect_problem(client.post(reversals_path, each.body), each.status, each.code);
  expect_problem(
      world.of_operator("crm").post(reversals_path, body(spent, R"(,"regrantDays":36501)")),
      422,
      "validation_failed"
  );
  expect_balance(999, 1);
}

} // namespace tessera::test
