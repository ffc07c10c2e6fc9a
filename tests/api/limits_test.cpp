#include "tests/api/api_world.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr auto password = "correct horse battery";

} // namespace

TEST(CallLimitsTest, AKeyIsLimitedWhereTheOperatorSaysSo) {
  tessera_service service({.environment = {{"TESSERA_LIMITS_KEY_CALLS_PER_SECOND", "5"}}});
  const auto tenant = service.create_tenant("limited");
  const auto key = service.create_api_key(tenant, {"credits:read"});
  const auto other = service.create_api_key(tenant, {"credits:read"});
  auto client = service.client(key);
  client.set_header("X-Application", "crm");
  int refused = 0;
  http_exchange last;
  for (int i = 0; i < 40 && refused == 0; ++i) {
    last = client.get("/api/credits/packages");
    refused += last.status() == 429 ? 1 : 0;
    if (i == 0) {
      EXPECT_THAT(last.response.header("ratelimit-policy"), StartsWith("\"key\";q=5;w=1"));
    }
  }
  EXPECT_EQ(1, refused);
  EXPECT_EQ("rate_limited", text_at(last.response.body, "/code"));
  EXPECT_EQ("1", last.response.header("retry-after"));
  EXPECT_THAT(last.response.header("ratelimit"), StartsWith("\"key\";r=0;t=1"));
  EXPECT_NE(429, service.client(other).get("/api/credits/packages").status());
}

/// A name that the node does not know is looked up in a newer directory: that is one call, and says so.
TEST(CallLimitsTest, ACallThatIsTriedAgainCountsOnceAndIsToldItsLimit) {
  tessera_service service({.environment = {{"TESSERA_LIMITS_USER_CALLS_PER_MINUTE", "6"}}});
  service.create_user(service.create_tenant("limited"), "a@limits.example", password, "tenant_admin");
  auto client = service.client(text_at(service.sign_in("a@limits.example", password), "/accessToken"));
  ASSERT_EQ(200, client.get("/api/auth/me").status());
  const auto unknown = client.get("/api/organizations/nowhere");
  EXPECT_EQ(404, unknown.status()) << unknown.response.body;
  EXPECT_THAT(unknown.response.header("ratelimit"), StartsWith("\"user\";r=4;"));
  EXPECT_THAT(unknown.response.header("ratelimit-policy"), StartsWith("\"user\";q=6;"));
}

TEST(CallLimitsTest, WithoutALimitNothingIsSaid) {
  const auto answer = api_world::instance().client().get("/api/credits/packages");
  EXPECT_EQ(200, answer.status());
  EXPECT_EQ("", answer.response.header("ratelimit"));
}

TEST(CallLimitsTest, AUserIsLimitedWhateverTheirToken) {
  tessera_service service({.environment = {{"TESSERA_LIMITS_USER_CALLS_PER_MINUTE", "6"}}});
  service.create_user(service.create_tenant("limited"), "a@limits.example", password);
  std::vector<int> statuses;
  for (int i = 0; i < 8; ++i) {
    const auto token = text_at(service.sign_in("a@limits.example", password), "/accessToken");
    statuses.push_back(service.client(token).get("/api/auth/me").status());
  }
  EXPECT_EQ((std::vector<int>{200, 200, 200, 200, 200, 200, 429, 429}), statuses);
}

TEST(CallLimitsTest, StrangersAreLimitedByAddressAndForwardedOnesAreNotBelieved) {
  tessera_service service({.environment = {{"TESSERA_LIMITS_UNAUTHENTICATED_CALLS_PER_MINUTE", "10"}}});
  auto stranger = service.client("tsk_000000000000000000000000000000000000000000");
  stranger.set_local_address("127.0.0.2");
  std::map<int, int> statuses;
  for (int i = 0; i < 30; ++i)
    ++statuses[stranger.get("/api/credits/packages", {{"X-Forwarded-For", "198.51.100." + std::to_string(i)}})
                   .status()];
  EXPECT_EQ((std::map<int, int>{{401, 10}, {429, 20}}), statuses);
  auto another = service.client();
  another.set_local_address("127.0.0.3");
  EXPECT_EQ(401, another.get("/api/credits/packages").status());
  EXPECT_EQ(200, stranger.get("/readyz").status()); // what needs nobody is not limited
}

TEST(CallLimitsTest, TokensAreNotLookedAtForAnAddressThatMayNotTryMore) {
  tessera_service service({.environment = {{"TESSERA_LIMITS_UNAUTHENTICATED_CALLS_PER_MINUTE", "3"}}});
  service.create_user(service.create_tenant("limited"), "a@limits.example", password);
  const auto token = [&] { return text_at(service.sign_in("a@limits.example", password), "/accessToken"); };
  const auto sign_out = [&](const std::string& bearer, const std::string& address) {
    auto client = service.client(bearer);
    client.set_local_address(address);
    return client.post("/api/auth/logout", "{}").status();
  };
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(401, sign_out("no.valid.token", "127.0.0.2"));
  EXPECT_EQ(429, sign_out("no.valid.token", "127.0.0.2"));
  EXPECT_EQ(429, sign_out(token(), "127.0.0.2"));
  auto there = service.client(token());
  there.set_local_address("127.0.0.2");
  EXPECT_EQ(429, there.get("/api/auth/me").status());
  const auto known = token();
  EXPECT_EQ(200, service.client(known).get("/api/auth/me").status());
  EXPECT_EQ(200, sign_out(known, "127.0.0.2")); // it was verified a moment ago
  EXPECT_EQ(200, sign_out(token(), "127.0.0.3"));
}

TEST(CallLimitsTest, BehindATrustedProxyItIsTheClientWhoCounts) {
  tessera_service service({
      .environment =
          {{"TESSERA_LIMITS_UNAUTHENTICATED_CALLS_PER_MINUTE", "3"},
           {"TESSERA_HTTP_TRUSTED_PROXIES", "127.0.0.2/32, 10.0.0.0/8"}},
  });
  auto proxy = service.client();
  proxy.set_local_address("127.0.0.2");
  const auto status_of = [&](const std::string& client) {
    return proxy.get("/api/credits/packages", {{"X-Forwarded-For", client}}).status();
  };
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(401, status_of("198.51.100.1"));
  EXPECT_EQ(429, status_of("198.51.100.1"));
  EXPECT_EQ(429, status_of("203.0.113.77, 198.51.100.1, 10.1.1.1")); // what it wrote itself
  EXPECT_EQ(401, status_of("198.51.100.2"));
}

TEST(CallLimitsTest, AnAliasOfAPathIsNoWayAround) {
  auto client = api_world::instance().client();
  for (const auto* path :
       {"//api/credits/packages",
        "/api/./credits/packages",
        "/api/credits/packages/",
        "/api/credits%2Fpackages"})
    EXPECT_EQ(404, client.get(path).status()) << path;
}

} // namespace tessera::test
