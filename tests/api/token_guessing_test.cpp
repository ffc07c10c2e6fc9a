// Tokens of mails that somebody guesses: counted by address, whichever route they are sent to.
#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <gtest/gtest.h>

namespace tessera::test {

namespace {

std::string code_of(const http_exchange& answer) {
  return text_at(answer.response.body, "/code");
}

} // namespace

TEST(TokenGuessingTest, WhoGuessesOneKindOfTokenIsLimitedForAll) {
  tessera_service service({.environment = {{"TESSERA_LIMITS_SCALE", "0.05"}}}); // 5 failures of an address
  auto guesser = service.client();
  guesser.set_local_address("127.7.9.1");
  const std::string guess = R"({"token":"tsv_)" + std::string(43, 'a') + "\"}";
  const std::string password = R"(","password":"a horse that runs","confirmPassword":"a horse that runs"})";
  int unknown = 0;
  while (unknown < 20 && code_of(guesser.post("/api/auth/email/verify", guess)) == "token_unknown")
    ++unknown;
  EXPECT_GT(unknown, 0);
  EXPECT_LT(unknown, 20);
  for (const auto& [route, body] :
       {std::pair{"/api/auth/email/verify", guess},
        {"/api/auth/password/reset", R"({"token":"tsp_)" + std::string(43, 'a') + password},
        {"/api/auth/password/forgot", std::string(R"({"email":"ann@acme.test"})")}}) {
    const auto refused = guesser.post(route, body);
    EXPECT_EQ("rate_limited", code_of(refused)) << route << refused.response.body;
    EXPECT_FALSE(refused.response.header("retry-after").empty()) << route;
  }
}

} // namespace tessera::test
