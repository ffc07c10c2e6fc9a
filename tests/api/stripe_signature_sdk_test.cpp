// Our reading of signatures against the provider's own (tests/node/payments/signatures.mjs).
#include "http/auth/stripe_signature.hpp"
#include "tests/support/json.hpp"
#include "tests/support/process.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace tessera::test {

TEST(StripeSignatureSdkTest, TheSdkAndWeBelieveTheSame) {
  constexpr std::int64_t now = 1'764'500'000;
  const auto made =
      run({.command =
               {"/usr/bin/env",
                "node",
                std::string(TESSERA_NODE) + "/payments/signatures.mjs",
                std::to_string(now)},
           .environment = {},
           .output_file = {}},
          milliseconds{60'000});
  ASSERT_TRUE(made.ok()) << "(did `npm ci` run in tests/node?) " << made.output;
  std::istringstream lines(made.output);
  int good = 0;
  int bad = 0;
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> secrets;
    for (std::size_t i = 0; i < size_at(line, "/secrets").value_or(0); ++i)
      secrets.push_back(text_at(line, "/secrets/" + std::to_string(i)));
    const auto said =
        http::verify_stripe_signature(text_at(line, "/body"), text_at(line, "/header"), secrets, now);
    const bool theirs = boolean_at(line, "/good").value();
    EXPECT_EQ(theirs, said == http::signature::good) << line;
    ++(theirs ? good : bad);
  }
  EXPECT_EQ(1'000, good + bad);
  EXPECT_GT(good, 300);
  EXPECT_GT(bad, 300);
}

} // namespace tessera::test
