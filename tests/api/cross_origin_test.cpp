#include "tests/api/api_world.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

constexpr auto ours = "https://app.company.com";

class CrossOriginTest : public testing::Test {
protected:
  static tessera_service& service() {
    static tessera_service one({
        .environment =
            {{"TESSERA_HTTP_ALLOWED_ORIGINS", "https://app.company.com, http://localhost:3000"},
             {"TESSERA_PUBLIC_BASE_URL", "https://credits.company.com"}},
    });
    return one;
  }
  static http_exchange preflight(const std::string& origin, const std::string& path = "/api/auth/login") {
    auto client = service().client();
    return client.send({
        .method = "OPTIONS",
        .target = path,
        .headers = {{"Origin", origin}, {"Access-Control-Request-Method", "POST"}},
        .body = {},
    });
  }
};

} // namespace

TEST_F(CrossOriginTest, AListedPageMayCallAndReadTheAnswer) {
  const auto asked = preflight(ours);
  EXPECT_EQ(204, asked.status());
  EXPECT_EQ(ours, asked.response.header("access-control-allow-origin"));
  EXPECT_EQ("POST", asked.response.header("access-control-allow-methods"));
  EXPECT_THAT(asked.response.header("access-control-allow-headers"), testing::HasSubstr("Authorization"));
  EXPECT_EQ("Origin", asked.response.header("vary"));
  auto client = service().client();
  const auto refused = client.get("/api/auth/me", {{"Origin", ours}});
  EXPECT_EQ(401, refused.status()); // of errors too
  EXPECT_EQ(ours, refused.response.header("access-control-allow-origin"));
  EXPECT_EQ("", refused.response.header("access-control-allow-credentials")); // no cookies are meant
}

TEST_F(CrossOriginTest, NobodyElseMay) { // R-R 5 row 58
  for (const std::string origin :
       {"https://evil.example",
        "null",
        "https://app.company.com.evil.io",
        "http://app.company.com",
        "https://app.company.com:8443",
        "https://app.company.com/",
        "https://APP.company.com",
        "*",
        ""}) {
    const auto asked = preflight(origin);
    EXPECT_EQ("", asked.response.header("access-control-allow-origin")) << origin;
    EXPECT_EQ("", asked.response.header("access-control-allow-methods")) << origin;
    auto client = service().client();
    EXPECT_EQ(
        "", client.get("/healthz", {{"Origin", origin}}).response.header("access-control-allow-origin")
    );
  }
  EXPECT_EQ(404, preflight(ours, "/nowhere").status());
}

TEST_F(CrossOriginTest, WithoutAListNobodyMay) {
  auto client = api_world::instance().service().client();
  const auto answer = client.get("/healthz", {{"Origin", ours}});
  EXPECT_EQ("", answer.response.header("access-control-allow-origin"));
  EXPECT_EQ("", answer.response.header("vary"));
}

TEST_F(CrossOriginTest, NoPageButOurOwnMaySignInWithCookies) {
  const auto signing_in_from = [](const std::string& origin) {
    return service().client().post(
        "/api/auth/login",
        R"({"email":"nobody@elsewhere.example","password":"x","session":"cookie"})",
        {{"Origin", origin}}
    );
  };
  for (const auto& origin : {std::string(ours), service().base_url()}) { // the public address is https
    const auto answer = signing_in_from(origin);
    EXPECT_EQ(403, answer.status()) << origin;
    EXPECT_EQ("cross_origin_request", text_at(answer.response.body, "/code")) << origin;
    EXPECT_EQ("", answer.response.header("access-control-allow-credentials")) << origin;
  }
  EXPECT_EQ(401, signing_in_from("https://credits.company.com").status()); // nobody, but from our page
}

TEST_F(CrossOriginTest, EveryAnswerHasTheHeadersOfSecurity) { // row 59
  auto client = service().client();
  const std::vector<http_request> requests = {
      {.method = "GET", .target = "/healthz"},
      {.method = "GET", .target = "/nowhere"},
      {.method = "PUT", .target = "/healthz"},
      {.method = "TRACE", .target = "/healthz"},
      {.method = "OPTIONS", .target = "/healthz"},
      {.method = "GET", .target = "/api/auth/me"},
      {.method = "GET", .target = "/openapi.json"},
      {.method = "GET", .target = "/.well-known/jwks.json"},
      {.method = "POST",
       .target = "/api/auth/login",
       .headers = {{"Content-Type", "text/plain"}},
       .body = "x"},
      {.method = "POST",
       .target = "/api/auth/login",
       .headers = {{"Content-Type", "application/json"}},
       .body = "{"},
      {.method = "GET", .target = "/api/%2e%2e/x"},
  };
  for (const auto& one : requests) {
    const auto& answer = client.send(one).response;
    EXPECT_EQ("nosniff", answer.header("x-content-type-options")) << one.target;
    EXPECT_EQ("no-referrer", answer.header("referrer-policy")) << one.target;
    EXPECT_THAT(answer.header("content-security-policy"), testing::HasSubstr("frame-ancestors 'none'"))
        << one.target;
    EXPECT_THAT(answer.header("strict-transport-security"), testing::HasSubstr("max-age=")) << one.target;
    EXPECT_NE("", answer.header("cache-control")) << one.target;
    if (one.target.starts_with("/api")) {
      EXPECT_EQ("no-store", answer.header("cache-control")) << one.target;
    }
  }
  // Without TLS in front of it there is nothing to insist on.
  EXPECT_EQ(
      "",
      api_world::instance().service().client().get("/healthz").response.header("strict-transport-security")
  );
}

} // namespace tessera::test
