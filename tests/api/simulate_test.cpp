// POST /api/credits/simulate, against the real binary: what is told is what happens.
#include "tests/api/api_world.hpp"

#include <algorithm>
#include <cstdio>
#include <random>

namespace tessera::test {

namespace {

constexpr const char* simulate_path = "/api/credits/simulate";

/// A call as its own route takes it, and as a simulation does.
struct trial {
  std::string operation;
  std::string path;
  std::string body;
  std::string more = {}; // of the simulated request: what the path names
  const char* figure = "/availableCredits";
};

class SimulateTest : public testing::Test {
protected:
  static std::string wrapped(const std::string& operation, const std::string& request) {
    return R"({"operation":")" + operation + R"(","request":)" + request + "}";
  }
  static std::string wrapped(const trial& call) {
    return wrapped(call.operation, "{" + call.more + call.body.substr(1));
  }
  http_exchange simulate(const std::string& operation, const std::string& request) {
    return client.post(simulate_path, wrapped(operation, request));
  }
  std::string balance() {
    return client.get("/api/credits/balance/organization/" + organization).response.header("x-balance-seq");
  }
  std::string spend(long credits) {
    return text_at(
        client.post("/api/credits/consume", world.spend(organization, credits)).response.body,
        "/transactionId"
    );
  }
  std::string hold(long credits) {
    return text_at(
        client.post("/api/credits/holds", world.spend(organization, credits)).response.body, "/holdId"
    );
  }
  std::string moving(const char* amount_field, long credits) {
    return R"({"fromEntityType":"organization","fromEntityId":")" + organization +
           R"(","allocations":[{"toEntityType":"organization","toEntityId":")" + below + R"(",")" +
           amount_field + "\":" + std::to_string(credits) + "}]}";
  }
  static void expect_problem(const http_exchange& answer, int status, const std::string& code) {
    EXPECT_EQ(status, answer.status()) << answer.response.body;
    EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
  }

  /// Simulates the call and makes it: the same verdict, the same figures.
  void expect_what_was_told(http_client& by, const trial& call) {
    const auto told = by.post(simulate_path, wrapped(call));
    const auto happened = by.post(call.path, call.body);
    ASSERT_EQ(200, told.status()) << told.response.body;
    const auto& foretold = told.response.body;
    const auto& real = happened.response.body;
    const bool allowed = happened.status() < 300;
    SCOPED_TRACE(wrapped(call) + "\n" + foretold + "\n" + real);
    EXPECT_EQ(true, boolean_at(foretold, "/success"));
    EXPECT_EQ(allowed, boolean_at(foretold, "/allowed"));
    if (allowed) {
      EXPECT_EQ(integer_at(real, call.figure), integer_at(foretold, std::string("/result") + call.figure));
      return;
    }
    EXPECT_EQ(text_at(real, "/code"), text_at(foretold, "/code"));
    EXPECT_EQ(integer_at(real, "/wouldAllow").value_or(0), integer_at(foretold, "/wouldAllow"));
    EXPECT_EQ(text_at(real, "/blockedBy/kind"), text_at(foretold, "/blockedBy/kind"));
  }

  api_world& world = api_world::instance();
  const std::string organization = world.organization(1);
  const std::string below = world.organization(0, organization);
  http_client client = world.client();
  http_client seller = world.of_operator("crm");
};

} // namespace

TEST_F(SimulateTest, SaysWhatASpendWouldDoAndDoesNothing) {
  const auto before = balance();

  const auto told = simulate("consume", world.spend(organization, 300, R"(,"eventId":"once")")).response.body;

  EXPECT_EQ(true, boolean_at(told, "/allowed")) << told;
  EXPECT_EQ(1000, integer_at(told, "/wouldAllow"));
  EXPECT_EQ(700, integer_at(told, "/result/availableCredits"));
  EXPECT_EQ(1u, size_at(told, "/result/entries"));
  EXPECT_EQ("spend", text_at(told, "/result/entries/0/type"));
  EXPECT_EQ(300, integer_at(told, "/result/entries/0/lots/0/units"));
  EXPECT_EQ(before, balance());
  const auto spent =
      client.post("/api/credits/consume", world.spend(organization, 300, R"(,"eventId":"once")"));
  EXPECT_EQ(false, boolean_at(spent.response.body, "/replayed")) << "no key was taken";

  const auto refused = simulate("consume", world.spend(organization, 701)).response.body;
  EXPECT_EQ(true, boolean_at(refused, "/success"));
  EXPECT_EQ(false, boolean_at(refused, "/allowed"));
  EXPECT_EQ("insufficient_credits", text_at(refused, "/code"));
  EXPECT_EQ(700, integer_at(refused, "/wouldAllow"));
  EXPECT_EQ("balance", text_at(refused, "/blockedBy/kind"));
  EXPECT_EQ(organization, text_at(refused, "/blockedBy/entityId"));
  EXPECT_EQ(names_at(refused, "/result"), std::vector<std::string>{});
}

TEST_F(SimulateTest, IsWhatHappensThen) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const auto up_to = [&](long most) { return std::uniform_int_distribution<long>(1, most)(random); };
  const std::string credits = "/api/credits/";
  for (int round = 0; round < 6; ++round) {
    expect_what_was_told(client, {"consume", credits + "consume", world.spend(organization, up_to(900))});
    expect_what_was_told(client, {"hold", credits + "holds", world.spend(organization, up_to(900))});
    expect_what_was_told(
        client, {"allocate", credits + "allocate", moving("credits", up_to(400)), {}, "/fromBalance"}
    );
    expect_what_was_told(
        client,
        {"return",
         credits + "return",
         R"({"fromEntityType":"organization","fromEntityId":")" + below + R"(","credits":)" +
             std::to_string(up_to(400)) + "}",
         {},
         "/fromBalance"}
    );
    expect_what_was_told(
        client, {"reclaim", credits + "reclaim", world.spend(below, up_to(300)), {}, "/fromBalance"}
    );
    expect_what_was_told(
        seller,
        {"grant",
         credits + "grants",
         world.spend(organization, up_to(400), R"(,"kind":"promo","reason":"x","validityDays":3)"),
         {},
         "/newBalance"}
    );
    expect_what_was_told(
        client,
        {"purchase",
         credits + "purchase",
         R"({"entityType":"organization","packageId":"thousand","paymentMethod":"test","entityId":")" +
             organization + "\"}",
         {},
         "/newBalance"}
    );
    const auto spent = spend(100);
    for (int part = 0; part < 3; ++part)
      expect_what_was_told(
          client,
          {"reversal",
           credits + "reversals",
           R"({"transactionId":")" + spent + R"(","credits":)" + std::to_string(up_to(70)) + "}"}
      );
    const auto held = hold(100);
    for (int part = 0; part < 3; ++part)
      expect_what_was_told(
          client,
          {"capture",
           credits + "holds/" + held + "/capture",
           R"({"final":false,"overage":")" + std::string(part == 1 ? "spend" : "refuse") + R"(","credits":)" +
               std::to_string(up_to(60)) + "}",
           R"("holdId":")" + held + "\","}
      );
    const auto released = hold(50);
    const trial release{
        "release", credits + "holds/" + released + "/release", "{}", R"("holdId":")" + released + "\""};
    expect_what_was_told(client, release);
    expect_what_was_told(client, release); // is not open any more
  }
}

TEST_F(SimulateTest, WouldAllowIsTheLargestThatPasses) {
  spend(1);
  for (const auto* operation : {"consume", "hold"})
    for (const auto& [amount, passes] : {std::pair{999L, true}, std::pair{1000L, false}}) {
      const auto told = simulate(operation, world.spend(organization, amount)).response.body;
      EXPECT_EQ(passes, boolean_at(told, "/allowed")) << told;
      EXPECT_EQ(999, integer_at(told, "/wouldAllow")) << told;
    }
  const auto granted = seller.post(
      simulate_path, wrapped("grant", world.spend(organization, 5, R"(,"kind":"bonus","reason":"x")"))
  );
  EXPECT_EQ(9'007'199'254'740'991 - 1000, integer_at(granted.response.body, "/wouldAllow"));
  const auto too_much = seller.post(
      simulate_path,
      wrapped("grant", world.spend(organization, 9'007'199'254'740'991, R"(,"kind":"bonus","reason":"x")"))
  );
  EXPECT_EQ(false, boolean_at(too_much.response.body, "/allowed"));
  EXPECT_EQ("amount_out_of_range", text_at(too_much.response.body, "/code"));
  EXPECT_EQ(9'007'199'254'740'991 - 1000, integer_at(too_much.response.body, "/wouldAllow"));
}

TEST_F(SimulateTest, OfAFrozenEntityAndOfFreezingIt) {
  const auto request = R"({"entityType":"organization","entityId":")" + organization + "\"}";
  const auto freezing = seller.post(simulate_path, wrapped("freeze", request)).response.body;
  EXPECT_EQ(true, boolean_at(freezing, "/allowed")) << freezing;
  EXPECT_EQ("freeze", text_at(freezing, "/result/entries/0/type"));
  EXPECT_EQ(true, boolean_at(simulate("consume", world.spend(organization, 1)).response.body, "/allowed"));

  ASSERT_EQ(200, seller.post("/api/credits/freeze", request).status());
  const auto refused = simulate("consume", world.spend(organization, 1)).response.body;
  EXPECT_EQ("entity_frozen", text_at(refused, "/code"));
  EXPECT_EQ("frozen", text_at(refused, "/blockedBy/kind"));
  EXPECT_EQ(0, integer_at(refused, "/wouldAllow"));
  const auto again = seller.post(simulate_path, wrapped("freeze", request)).response.body;
  EXPECT_EQ(0u, size_at(again, "/result/entries")) << again;
  EXPECT_EQ(
      "unfreeze",
      text_at(
          seller.post(simulate_path, wrapped("unfreeze", request)).response.body, "/result/entries/0/type"
      )
  );
}

TEST_F(SimulateTest, WhatIsWrongIsTheRoutesOwnProblem) {
  struct bad {
    std::string operation;
    std::string request;
    int status;
    const char* code;
    const char* pointer;
  };
  const auto nowhere = [](const char* more) {
    return std::string(R"({"entityType":"organization","entityId":"org-nowhere","credits":1)") + more + "}";
  };
  const bad table[] = {
      {"consume", world.spend(organization, 0), 422, "amount_out_of_range", "/request/credits"},
      {"consume", world.spend(organization, 1, R"(,"colour":1)"), 422, "unknown_field", "/request/colour"},
      {"consume", R"({"items":[]})", 422, "validation_failed", "/request/entityType"},
      {"hold",
       world.spend(organization, 1, R"(,"ttlSeconds":"1")"),
       400,
       "invalid_type",
       "/request/ttlSeconds"},
      {"allocate", moving("credits", 0), 422, "amount_out_of_range", "/request/allocations/0/credits"},
      {"capture", R"({"credits":1})", 422, "validation_failed", "/request/holdId"},
      {"transfer", "{}", 422, "unknown_operation", "/operation"},
      {"consume", "7", 400, "invalid_type", "/request"},
      {"consume", nowhere(""), 404, "entity_unknown", ""},
      {"capture", R"({"holdId":"hold-7","credits":1})", 404, "hold_unknown", ""},
      {"reversal", R"({"transactionId":"txn-7"})", 404, "transaction_unknown", ""},
      {"purchase",
       R"({"entityType":"organization","packageId":"none","paymentMethod":"test","entityId":")" +
           organization + "\"}",
       404,
       "package_unknown",
       ""},
      {"grant", nowhere(R"(,"kind":"promo","reason":"x")"), 403, "insufficient_role", ""},
      {"freeze", world.spend(organization, 1), 403, "insufficient_role", ""},
  };
  for (const auto& each : table) {
    const auto answer = simulate(each.operation, each.request);
    expect_problem(answer, each.status, each.code);
    EXPECT_EQ(each.pointer, text_at(answer.response.body, "/errors/0/pointer")) << answer.response.body;
  }
  expect_problem(client.post(simulate_path, "{}"), 422, "validation_failed");
  expect_problem(client.post(simulate_path, "{"), 400, "invalid_json");
  EXPECT_NE(
      std::string::npos,
      simulate("transfer", "{}").response.body.find("One of consume, hold, capture, release, allocate")
  );
  const auto unknown = seller.post(
      simulate_path,
      wrapped("grant", world.spend(organization, 5, R"(,"kind":"promo","reason":"x","applications":["erp"])"))
  );
  expect_problem(unknown, 422, "unknown_application");
  EXPECT_EQ("/request/applications/0", text_at(unknown.response.body, "/errors/0/pointer"));
}

TEST_F(SimulateTest, EntriesAreForThoseWhoMayReadThem) {
  auto spender = world.client_with(world.key({"credits:consume"}, "crm"), "");
  const auto told = spender.post(simulate_path, wrapped("consume", world.spend(organization, 1)));
  ASSERT_EQ(200, told.status()) << told.response.body;
  EXPECT_TRUE(integer_at(told.response.body, "/result/availableCredits"));
  EXPECT_EQ(told.response.body.find("entries"), std::string::npos);
  const auto all = client.post(simulate_path, wrapped("consume", world.spend(organization, 1)));
  EXPECT_EQ(1u, size_at(all.response.body, "/result/entries"));
}

TEST_F(SimulateTest, NeedsTheSameAuthority) {
  const auto held = hold(10);
  const auto spent = spend(10);
  auto reader = world.client_with(world.key({"credits:read"}, "crm"), "");
  auto colleague = world.client_with(world.key({"credits:hold", "credits:reverse"}, "crm"), "");
  auto elsewhere =
      world.client_with(world.key({"credits:consume", "credits:hold"}, "crm", "organization/" + below), "");
  const auto capture = wrapped("capture", R"({"credits":1,"holdId":")" + held + "\"}");

  expect_problem(
      reader.post(simulate_path, wrapped("consume", world.spend(organization, 1))), 403, "insufficient_scope"
  );
  expect_problem(
      elsewhere.post(simulate_path, wrapped("consume", world.spend(organization, 1))),
      403,
      "entity_out_of_scope"
  );
  expect_problem(elsewhere.post(simulate_path, capture), 404, "hold_unknown");
  expect_problem(colleague.post(simulate_path, capture), 403, "not_the_holder");
  expect_problem(
      colleague.post(simulate_path, wrapped("reversal", R"({"transactionId":")" + spent + "\"}")),
      403,
      "not_the_spender"
  );
  auto nameless = world.client_with(world.all(), "");
  expect_problem(
      nameless.post(simulate_path, wrapped("consume", world.spend(organization, 1))),
      400,
      "application_required"
  );
}

} // namespace tessera::test
