// What is slow, too much, or away.
#include "tests/api/documented_errors.hpp"

namespace tessera::test {

TEST_F(DocumentedErrorsTest, ABodyThatDoesNotCome) {
  expect_where_listed_at_once(408, "request_timeout", [](const access_block& block) -> attempts {
    return {with_header(announced(block), "Content-Length", "20")};
  });
}

/// One request is all that this service has room for, and it waits for a database that does not answer.
TEST_F(DocumentedErrorsTest, TooManyAtOnce) {
  world();
  tessera_service small({.environment = {{"TESSERA_HTTP_MAX_IN_FLIGHT", "1"}}});
  small.cluster().pause();
  {
    std::jthread waiting([&] { small.client("tsk_" + std::string(43, 'a')).get("/api/tenant"); });
    EXPECT_TRUE(wait_until(milliseconds{1'500}, [&] {
      return code_of(small.client().get("/docs")) == "overloaded";
    }));
    for (const auto& block : table().blocks)
      if (lists(block, 503, "overloaded")) {
        const auto call = sound(block);
        const auto answer = small.client().send(call.request);
        EXPECT_EQ("overloaded", code_of(answer)) << block.name();
        EXPECT_FALSE(answer.response.header("retry-after").empty()) << block.name();
      }
  }
  small.cluster().resume();
}

/// The server ends the session in the very commit.
TEST_F(DocumentedErrorsTest, AnAnswerOfTheDatabaseThatIsLost) {
  world().sign_in_again();
  world().sql(
      "CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
      "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END $$"
  );
  // Made before anything is lost.
  std::map<std::string, std::string> to_end;
  for (const auto& block : table().blocks)
    if ((block.method == "DELETE" || sends_again(block) || takes_own_invitation(block)) &&
        lists(block, 503, "outcome_unknown"))
      to_end[block.name()] = made_to_end(block);
  world().mail_tokens();
  const std::pair<std::string, std::string> tables[] = {
      {"idempotency_answers", "INSERT OR UPDATE"},
      {"idempotency_keys", "INSERT OR UPDATE"},
      {"user_sessions", "INSERT OR UPDATE"},
      {"credit_entries", "INSERT OR UPDATE"},
      {"credit_answers", "INSERT OR UPDATE"},
      {"invitation_activities", "INSERT OR UPDATE"},
      {"account_tokens", "UPDATE"},
      {"outbox", "INSERT"}};
  for (const auto& [table, change] : tables)
    world().sql(
        "CREATE CONSTRAINT TRIGGER ends_session AFTER " + change + " ON " + table +
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_session()"
    );
  int keys = 0;
  expect_where_listed(503, "outcome_unknown", [&](const access_block& block) -> attempts {
    attempts all;
    for (int i = 0; i < 3; ++i) // the first one may meet a connection that is still being made
      all.push_back(with_header(sound(block), "Idempotency-Key", "lost-" + std::to_string(++keys)));
    for (auto& call : all)
      if (block.path == "/api/auth/logout") // of somebody: else there is nothing to commit
        call.request.body = R"({"refreshToken":")" + world().refresh_token + "\"}";
      else if (const auto target = to_end.find(block.name());
               target != to_end.end() && !target->second.empty()) {
        call.request.target = target->second;
        if (takes_own_invitation(block)) call.principal = "guest";
      }
    return all;
  });
  for (const auto& [table, change] : tables)
    world().sql("DROP TRIGGER ends_session ON " + table);
  world().sql("DELETE FROM account_tokens");
}

TEST_F(DocumentedErrorsTest, WhileTheDatabaseDoesNotAnswer) {
  world().sign_in_again();
  world().service.cluster().pause();
  expect_where_listed_at_once(503, "database_unavailable", [](const access_block& block) -> attempts {
    const auto call = sound(block);
    return {call, with_header(call, "Authorization", "Bearer tsk_" + std::string(43, 'a'))};
  });
  world().service.cluster().resume();
  EXPECT_TRUE(world().service.wait_until_ready());
}

/// The last one: from here on this service owns nothing.
TEST_F(DocumentedErrorsTest, WhileAnotherNodeHasTheAccounts) {
  world();
  tessera_service other({.database = world().service.database()});
  EXPECT_TRUE(wait_until(milliseconds{20'000}, [] {
    auto client = world().client_of("key");
    return code_of(client.get("/api/credits/balance/organization/org-own")) == "not_owner";
  }));
  expect_where_listed(503, "not_owner", [](const access_block& block) -> attempts { return {sound(block)}; });
}

} // namespace tessera::test
