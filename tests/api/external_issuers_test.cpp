// Tokens of other issuers, signed by npm's `jose`: an implementation that is not ours (tests/node).
#include "tests/api/api_world.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace tessera::test {

namespace {

const std::string scripts = TESSERA_JOSE;

command_result node(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/usr/bin/env");
  arguments.insert(arguments.begin() + 1, "node");
  return run({.command = std::move(arguments), .environment = {}, .output_file = {}});
}

/// A service that believes the issuers of tests/node/jose/issuer.mjs.
class ExternalIssuersTest : public testing::Test {
protected:
  ExternalIssuersTest() {
    service.create_tenant("acme");
    service.create_user("acme", email, "correct horse battery", "tenant_admin");
    const auto made = node({scripts + "/issuer.mjs", directory, "acme", email});
    if (!made.ok()) throw std::runtime_error("issuer.mjs (did `npm ci` run in tests/node?): " + made.output);
    tokens = items_at(made.output, "");
    // They count in seconds: one of the very second in which somebody was made is refused.
    sql("UPDATE users SET tokens_from = tokens_from - interval '1 minute'");
    service.start();
  }
  ~ExternalIssuersTest() override { std::filesystem::remove_all(directory); }

  http_exchange me(const std::string& token) { return service.client(token).get("/api/auth/me"); }
  std::string token_named(const std::string& name) const {
    for (const auto& one : tokens)
      if (text_at(one, "/name") == name) return text_at(one, "/token");
    throw std::logic_error("there is no token " + name);
  }
  std::string sql(const std::string& text) { return service.cluster().query(service.database(), text); }

  const std::string directory = make_temporary_directory();
  const std::string email = "person@signs-in.example";
  tessera_service service{
      {.environment = {{"TESSERA_AUTH_ISSUERS_FILE", directory + "/issuers.json"}}, .start = false}};
  std::vector<std::string> tokens;
};

} // namespace

TEST_F(ExternalIssuersTest, WhatJoseSignsIsGoodAndWhatItTamperedWithIsNot) {
  int good = 0;
  int bad = 0;
  for (const auto& one : tokens) {
    const bool is_good = boolean_at(one, "/good").value();
    const auto answer = me(text_at(one, "/token"));
    EXPECT_EQ(is_good ? 200 : 401, answer.status()) << text_at(one, "/name") << answer.response.body;
    ++(is_good ? good : bad);
    if (is_good) {
      EXPECT_EQ(email, text_at(answer.response.body, "/user/email"));
    }
  }
  EXPECT_EQ(9, good);
  EXPECT_EQ(36, bad);
}

TEST_F(ExternalIssuersTest, APersonIsLinkedOnceByTheirAddress) {
  ASSERT_EQ(200, me(token_named("ES256 signed")).status());
  EXPECT_EQ("1", sql("SELECT count(*) FROM user_identities"));
  EXPECT_EQ("t", sql("SELECT email_verified_at IS NOT NULL FROM users"));
  ASSERT_EQ(200, me(token_named("RS256 signed")).status()); // the same person elsewhere
  EXPECT_EQ("2", sql("SELECT count(*) FROM user_identities"));

  // From now on it is the subject that counts, not the address.
  sql("UPDATE users SET email = 'other@signs-in.example', email_key = 'other@signs-in.example'");
  EXPECT_EQ(200, me(token_named("ES256 several audiences")).status());
  EXPECT_EQ(
      401, me(token_named("EdDSA signed")).status()
  ); // no user has the address, and it was never linked
}

TEST_F(ExternalIssuersTest, WhoComesLaterWithTheAddressIsSomebodyElse) {
  sql("INSERT INTO user_identities (tenant_id, issuer, subject, user_id)"
      " SELECT tenant_id, 'https://es256.id.example', 'an earlier person', user_id FROM users");
  EXPECT_EQ(401, me(token_named("ES256 signed")).status());
  EXPECT_EQ(200, me(token_named("RS256 signed")).status());
}

TEST_F(ExternalIssuersTest, WhoIsDisabledHereIsOut) {
  ASSERT_EQ(200, me(token_named("EdDSA signed")).status());
  sql("UPDATE users SET status = 'disabled'");
  EXPECT_TRUE(wait_until(milliseconds{2'000}, [&] { return me(token_named("EdDSA signed")).status() == 401; })
  );
}

TEST_F(ExternalIssuersTest, JoseVerifiesWhatWeSign) {
  const auto token = text_at(service.sign_in(email, "correct horse battery"), "/accessToken");
  const auto verified = node({scripts + "/verify.mjs", service.base_url(), token});
  ASSERT_TRUE(verified.ok()) << verified.output;
  EXPECT_EQ("EdDSA", text_at(verified.output, "/header/alg"));
  EXPECT_EQ("tessera", text_at(verified.output, "/payload/aud"));
  auto tampered = token;
  tampered[token.rfind('.') + 10] = tampered[token.rfind('.') + 10] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(node({scripts + "/verify.mjs", service.base_url(), tampered}).ok());
}

TEST_F(ExternalIssuersTest, JoseVerifiesWhatWeSignWithP256) {
  const auto made = run({
      .command =
          {"/usr/bin/env",
           "openssl",
           "genpkey",
           "-algorithm",
           "EC",
           "-pkeyopt",
           "ec_paramgen_curve:P-256",
           "-out",
           service.signing_key_file()},
      .environment = {},
      .output_file = {},
  });
  ASSERT_TRUE(made.ok()) << made.output;
  service.crash_and_restart();
  const auto token = text_at(service.sign_in(email, "correct horse battery"), "/accessToken");
  const auto verified = node({scripts + "/verify.mjs", service.base_url(), token});
  ASSERT_TRUE(verified.ok()) << verified.output;
  EXPECT_EQ("ES256", text_at(verified.output, "/header/alg"));
}

} // namespace tessera::test
