// Keys of other issuers that are fetched from an address: a server on loopback publishes what npm's `jose`
// made (tests/node/jose/rotating.mjs).
#include "tests/api/api_world.hpp"
#include "tests/support/stub_server.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace tessera::test {

namespace {

using testing::HasSubstr;
using testing::Not;

constexpr milliseconds patience{10'000};

class FetchedKeysTest : public testing::Test {
protected:
  FetchedKeysTest() {
    service.create_tenant("acme");
    service.create_user("acme", email, "correct horse battery", "tenant_admin");
    // Tokens count in seconds: one of the very second in which somebody was made is refused.
    service.cluster().query(
        service.database(), "UPDATE users SET tokens_from = tokens_from - interval '1 minute'"
    );
    const auto script = std::string(TESSERA_JOSE) + "/rotating.mjs";
    const auto done = run(
        {.command = {"/usr/bin/env", "node", script, directory, "acme", email, issuer.url("")},
         .environment = {},
         .output_file = {}}
    );
    if (!done.ok())
      throw std::runtime_error("rotating.mjs (did `npm ci` run in tests/node?): " + done.output);
    made = done.output;
    publish("first");
  }
  ~FetchedKeysTest() override { std::filesystem::remove_all(directory); }

  void publish(const std::string& time) {
    issuer.answer("/keys", {.body = text_at(made, "/" + time + "/keys")});
  }
  /// Token number `index` of a time; each is another text.
  std::string token(const std::string& time, int index) const {
    return text_at(made, "/" + time + "/tokens/" + std::to_string(index));
  }
  int status_with(const std::string& token) { return service.client(token).get("/api/auth/me").status(); }
  bool is_soon_good(const std::string& token) {
    return wait_until(patience, [&] { return status_with(token) == 200; });
  }
  /// Has the first keys: until then a token might miss one, and ask for them.
  void start_with_keys() {
    service.start();
    ASSERT_TRUE(says("fetched " + issuer.url("/keys"))) << service.log();
  }
  bool says(const std::string& text) { return service.process().wait_for_output(text, patience); }

  const std::string directory = make_temporary_directory();
  const std::string email = "person@signs-in.example";
  stub_server issuer;
  tessera_service service{
      {.environment = {{"TESSERA_AUTH_ISSUERS_FILE", directory + "/issuers.json"}}, .start = false}};
  std::string made;
};

} // namespace

TEST_F(FetchedKeysTest, ANewKeyIsGoodAMomentAfterItsFirstToken) {
  start_with_keys();
  EXPECT_EQ(200, status_with(token("first", 0)));
  EXPECT_EQ(1, issuer.asked("/keys"));

  publish("second");
  EXPECT_EQ(401, status_with(token("second", 0))); // not known yet, and nobody waits
  EXPECT_TRUE(is_soon_good(token("second", 1)));
  EXPECT_EQ(2, issuer.asked("/keys"));
  EXPECT_EQ(401, status_with(token("first", 1))); // which is not published any more
}

TEST_F(FetchedKeysTest, TokensOfStrangersCauseNoStorm) {
  start_with_keys();
  const auto strangers = items_at(made, "/strangers");
  ASSERT_EQ(20u, strangers.size());
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(401, status_with(text_at(made, "/strangers/" + std::to_string(i))));
  EXPECT_TRUE(wait_until(patience, [&] { return issuer.asked("/keys") == 2; }));
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(401, status_with(text_at(made, "/strangers/" + std::to_string(i))));
  EXPECT_EQ(2, issuer.asked("/keys"));
  EXPECT_EQ(200, status_with(token("first", 0)));
}

TEST_F(FetchedKeysTest, WhatWasFetchedLastStaysWhenAFetchFails) {
  start_with_keys();
  issuer.answer("/keys", {.body = "<html>we are being maintained</html>"});
  EXPECT_EQ(401, status_with(text_at(made, "/strangers/0"))); // has them fetched
  ASSERT_TRUE(says("for https://keys.id.example: ")) << service.log();
  EXPECT_EQ(2, issuer.asked("/keys"));
  EXPECT_EQ(200, status_with(token("first", 1)));
  EXPECT_THAT(service.log(), Not(HasSubstr("maintained")));
}

TEST_F(FetchedKeysTest, AServiceStartsWhileTheIssuerIsAway) {
  issuer.set_away(true);
  service.start();
  ASSERT_TRUE(says("for https://keys.id.example: ")) << service.log();
  issuer.set_away(false);
  EXPECT_EQ(401, status_with(token("first", 0)));
  EXPECT_TRUE(is_soon_good(token("first", 1)));
}

TEST_F(FetchedKeysTest, WhatIsNoKeySetIsNotBelieved) {
  issuer.answer("/moved", {.status = 302, .headers = {{"Location", issuer.url("/keys")}}});
  const auto first = text_at(made, "/first/keys");
  issuer.answer("/long", {.body = first + std::string(64 * 1024, ' ')});
  issuer.answer("/garbage", {.body = first.substr(0, first.size() / 2)});
  issuer.answer("/empty", {.body = R"({"keys":[]})"});
  start_with_keys();
  ASSERT_TRUE(says("for https://missing.id.example: ")) << service.log(); // the last one
  const auto log = service.log();
  EXPECT_THAT(log, HasSubstr("for https://moved.id.example: the answer is 302"));
  EXPECT_THAT(log, HasSubstr("for https://long.id.example: it is longer than 65536 bytes"));
  EXPECT_THAT(log, HasSubstr("for https://garbage.id.example: "));
  EXPECT_THAT(log, HasSubstr("for https://empty.id.example: there is no key"));
  EXPECT_THAT(log, HasSubstr("for https://missing.id.example: the answer is 404"));
  EXPECT_EQ(1, issuer.asked("/keys")); // nobody followed the redirect
  const auto metrics = service.client().get("/metrics").response.body;
  EXPECT_THAT(metrics, HasSubstr("tessera_issuer_key_fetches_total 6\n"));
  EXPECT_THAT(metrics, HasSubstr("tessera_issuer_key_fetches_failed_total 5\n"));
  for (const auto& one : items_at(made, "/bad"))
    EXPECT_EQ(401, status_with(text_at(one, "/token"))) << text_at(one, "/name");
}

TEST(IssuersFileTest, KeysAreFetchedWithTLSOrFromThisMachine) {
  const auto directory = make_temporary_directory();
  tessera_service service(
      {.environment = {{"TESSERA_AUTH_ISSUERS_FILE", directory + "/issuers.json"}}, .start = false}
  );
  for (const std::string url : {"http://id.example/keys", "file:///etc/hostname"}) {
    std::ofstream(directory + "/issuers.json")
        << R"([{"iss":"https://id.example","aud":"a","algs":["RS256"],"tenantId":"x","jwksUrl":")" << url
        << "\"}]";
    try {
      service.start();
      ADD_FAILURE() << "it started with " << url;
    } catch (const std::runtime_error& why) {
      EXPECT_THAT(why.what(), HasSubstr("/0/jwksUrl: Must be an https:// address")) << url;
    }
  }
  std::filesystem::remove_all(directory);
}

} // namespace tessera::test
