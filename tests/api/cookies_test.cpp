#include "tests/api/api_world.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace tessera::test {

namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::StartsWith;

constexpr auto password = "correct horse battery";
constexpr auto attributes = "; Path=/; Secure; HttpOnly; SameSite=Strict";
const header_list own_page = {{"Sec-Fetch-Site", "same-origin"}};
const header_list other_site = {{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}};
constexpr milliseconds soon{2'000}; // within which what is over is refused (shapes.md)

std::vector<std::string> set_by(const http_exchange& answer) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : answer.response.headers)
    if (name == "set-cookie") lines.push_back(value);
  return lines;
}

/// What a browser that kept them sends with its next call.
std::string kept(const http_exchange& answer) {
  std::string cookies;
  for (const auto& line : set_by(answer))
    cookies += (cookies.empty() ? "" : "; ") + line.substr(0, line.find(';'));
  return cookies;
}

std::string refresh_cookie_of(const http_exchange& answer) {
  const auto cookies = kept(answer);
  return cookies.substr(std::min(cookies.find("__Host-tessera-refresh="), cookies.size()));
}

const auto are_cleared = ElementsAre(
    "__Host-tessera-access=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict",
    "__Host-tessera-refresh=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Strict"
);

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

/// Each test has a tenant_admin, and a network from which nobody else fails to sign in.
class CookieSessionTest : public testing::Test {
protected:
  CookieSessionTest() { world.service().create_user(world.tenant(), email, password, "tenant_admin"); }

  http_client client() const {
    auto one = world.service().client();
    one.set_local_address("127.9." + std::to_string(number) + ".2");
    return one;
  }
  http_exchange send(
      const std::string& method,
      const std::string& path,
      const std::string& cookies,
      header_list headers,
      const std::string& body = {}
  ) const {
    if (!cookies.empty()) headers.emplace_back("Cookie", cookies);
    return client().send({.method = method, .target = path, .headers = std::move(headers), .body = body});
  }
  http_exchange post(
      const std::string& path,
      const std::string& cookies = {},
      const header_list& headers = own_page,
      const std::string& body = {}
  ) const {
    return send("POST", path, cookies, headers, body);
  }
  http_exchange login(
      const header_list& headers = own_page,
      const std::string& cookies = {},
      const std::string& session = "cookie"
  ) const {
    return post(
        "/api/auth/login",
        cookies,
        headers,
        R"({"email":")" + email + R"(","password":")" + password + R"(","session":")" + session + "\"}"
    );
  }
  http_exchange refresh(const std::string& cookies, const header_list& headers = own_page) const {
    return post("/api/auth/refresh", cookies, headers, "{}");
  }
  http_exchange logout(const std::string& cookies, const header_list& headers = own_page) const {
    return post("/api/auth/logout", cookies, headers);
  }
  http_exchange me(const std::string& cookies, const header_list& headers = {}) const {
    return send("GET", "/api/auth/me", cookies, headers);
  }
  http_exchange make(const std::string& id, const std::string& cookies, const header_list& headers) const {
    return post("/api/applications", cookies, headers, R"({"id":")" + id + R"(","name":"New"})");
  }
  bool becomes_refused(const std::string& cookies) const {
    return wait_until(soon, [&] { return me(cookies).status() == 401; });
  }

  static inline int made = 0;
  api_world& world = api_world::instance();
  const int number = ++made;
  const std::string email = "person" + std::to_string(number) + "@keeps-cookies.example";
  const std::string application = "of-cookies-" + std::to_string(number);
};

} // namespace

TEST_F(CookieSessionTest, SigningInSetsThemAndTellsNoToken) { // R-R 5 row 60
  const auto answer = login();
  ASSERT_EQ(200, answer.status()) << answer.response.body;
  EXPECT_THAT(
      set_by(answer),
      ElementsAre(
          AllOf(StartsWith("__Host-tessera-access=eyJ"), EndsWith(std::string("; Max-Age=900") + attributes)),
          AllOf(StartsWith("__Host-tessera-refresh=tsr_"), EndsWith(attributes))
      )
  );
  EXPECT_THAT(names_at(answer.response.body, ""), ElementsAre("success", "expiresIn", "user"));
  EXPECT_EQ(email, text_at(answer.response.body, "/user/email"));
  EXPECT_EQ("no-store", answer.response.header("cache-control"));

  const auto mine = me(kept(answer));
  ASSERT_EQ(200, mine.status()) << mine.response.body;
  EXPECT_EQ(email, text_at(mine.response.body, "/user/email"));
  EXPECT_THAT(set_by(mine), IsEmpty());
}

TEST_F(CookieSessionTest, NobodyGetsThemUnasked) {
  EXPECT_THAT(set_by(login(own_page, {}, "token")), IsEmpty());
  EXPECT_EQ(422, login(own_page, {}, "both").status());
  const auto wrong = post(
      "/api/auth/login",
      {},
      own_page,
      R"({"email":")" + email + R"(","password":"a wrong password","session":"cookie"})"
  );
  expect_problem(wrong, 401, "invalid_credentials");
  EXPECT_THAT(set_by(wrong), IsEmpty());
}

TEST_F(CookieSessionTest, AnotherSiteChangesNothing) { // row 61
  const auto cookies = kept(login());
  const auto ours = world.service().base_url();
  const header_list others[] = {
      {},
      other_site,
      {{"Sec-Fetch-Site", "same-site"}, {"Origin", ours}},
      {{"Sec-Fetch-Site", "none"}},
      {{"Origin", "https://evil.example"}},
      {{"Origin", "null"}},
      {{"Origin", ours + ".evil.example"}},
      {{"Origin", "http://127.0.0.1"}},
      {{"Referer", ours + "/"}},
  };
  for (const auto& headers : others) {
    expect_problem(make(application, cookies, headers), 403, "cross_origin_request");
    expect_problem(send("PUT", "/api/tenant", cookies, headers, "{}"), 403, "cross_origin_request");
    expect_problem(
        send("DELETE", "/api/applications/" + application, cookies, headers), 403, "cross_origin_request"
    );
  }
  EXPECT_EQ(404, send("GET", "/api/applications/" + application, cookies, {}).status());
  EXPECT_EQ(415, make(application, cookies, {{"Content-Type", "text/plain"}}).status()); // a form

  EXPECT_EQ(201, make(application, cookies, own_page).status());
  EXPECT_EQ(201, make(application + "-old", cookies, {{"Origin", ours}}).status());
}

TEST_F(CookieSessionTest, AnotherSiteReadsNothingOfWhatIsAnswered) {
  const auto answer = me(kept(login()), other_site);
  EXPECT_EQ(200, answer.status()); // SameSite keeps browsers from asking at all
  EXPECT_EQ("", answer.response.header("access-control-allow-origin"));
  EXPECT_EQ("", answer.response.header("access-control-allow-credentials"));
}

TEST_F(CookieSessionTest, AnotherSiteSignsNobodyIn) {
  for (const auto& headers : {header_list{}, other_site}) {
    const auto answer = login(headers);
    expect_problem(answer, 403, "cross_origin_request");
    EXPECT_THAT(set_by(answer), IsEmpty());
    EXPECT_EQ(200, login(headers, {}, "token").status()); // whoever reads the answer has the password
  }
}

TEST_F(CookieSessionTest, ASignInIsANewSession) { // row 63
  const auto first = kept(login());
  const auto second = kept(login(own_page, first));
  EXPECT_NE(first, second);
  EXPECT_EQ(200, logout(first).status());
  EXPECT_TRUE(becomes_refused(first));
  EXPECT_EQ(200, me(second).status());
}

TEST_F(CookieSessionTest, ARefreshTokenInACookieIsGoodOnce) {
  const auto first = login();
  expect_problem(refresh(kept(first), other_site), 403, "cross_origin_request");
  const auto second = refresh(refresh_cookie_of(first)); // the access token is over sooner
  ASSERT_EQ(200, second.status()) << second.response.body;
  EXPECT_EQ(2u, set_by(second).size());
  EXPECT_THAT(names_at(second.response.body, ""), ElementsAre("success", "expiresIn", "user"));
  EXPECT_NE(refresh_cookie_of(first), refresh_cookie_of(second));
  EXPECT_EQ(200, me(kept(second)).status());

  const auto third = post("/api/auth/refresh", kept(second)); // without a body
  ASSERT_EQ(200, third.status()) << third.response.body;

  const auto again = refresh(refresh_cookie_of(first));
  expect_problem(again, 401, "invalid_refresh_token");
  EXPECT_THAT(set_by(again), are_cleared);
  expect_problem(refresh(kept(third)), 401, "invalid_refresh_token");
  EXPECT_TRUE(becomes_refused(kept(third)));
}

TEST_F(CookieSessionTest, ATokenInTheBodyGoesBeforeTheCookie) {
  const auto cookies = kept(login());
  const auto token = text_at(login({}, {}, "token").response.body, "/refreshToken");
  const auto body = R"({"refreshToken":")" + token + "\"}";
  const auto renewed = post("/api/auth/refresh", cookies, {}, body);
  ASSERT_EQ(200, renewed.status()) << renewed.response.body;
  EXPECT_NE("", text_at(renewed.response.body, "/refreshToken"));
  EXPECT_THAT(set_by(renewed), IsEmpty());
  const auto over = post("/api/auth/refresh", cookies, {}, body);
  expect_problem(over, 401, "invalid_refresh_token");
  EXPECT_THAT(set_by(over), IsEmpty());
  EXPECT_EQ(200, refresh(cookies).status());
}

TEST_F(CookieSessionTest, SigningOutEndsTheSessionAndClearsThem) {
  const auto cookies = kept(login());
  const auto foreign = logout(cookies, other_site);
  expect_problem(foreign, 403, "cross_origin_request");
  EXPECT_THAT(set_by(foreign), IsEmpty());
  EXPECT_EQ(200, me(cookies).status());

  const auto done = logout(cookies);
  ASSERT_EQ(200, done.status()) << done.response.body;
  EXPECT_THAT(set_by(done), are_cleared);
  EXPECT_TRUE(becomes_refused(cookies));
  expect_problem(refresh(cookies), 401, "invalid_refresh_token");
  EXPECT_EQ(200, logout(cookies).status()); // it is over, once more
}

TEST_F(CookieSessionTest, SigningOutTakesARefreshCookieAlone) {
  const auto mine = login();
  EXPECT_EQ(200, logout(refresh_cookie_of(mine)).status());
  EXPECT_TRUE(becomes_refused(kept(mine)));
}

TEST_F(CookieSessionTest, WhoIsNobodyIsSignedOutOfTheBrowserAlone) {
  const auto unknown = logout("__Host-tessera-access=x; __Host-tessera-refresh=x");
  expect_problem(unknown, 401, "unauthorized");
  EXPECT_THAT(set_by(unknown), are_cleared);
  const auto none = logout({});
  expect_problem(none, 401, "unauthorized");
  EXPECT_THAT(set_by(none), IsEmpty());
}

TEST_F(CookieSessionTest, AuthorizationGoesBeforeTheCookie) {
  const auto cookies = kept(login());
  const auto bearing = [](const std::string& token, header_list more = {}) {
    more.emplace_back("Authorization", "Bearer " + token);
    return more;
  };
  EXPECT_EQ(201, make(application, "__Host-tessera-access=x", bearing(world.all(), other_site)).status());
  expect_problem(me(cookies, bearing("nonsense")), 401, "unauthorized");
  const auto out = logout(cookies, bearing("nonsense", own_page));
  expect_problem(out, 401, "unauthorized");
  EXPECT_THAT(set_by(out), IsEmpty());
  EXPECT_EQ(200, me(cookies).status());
}

TEST_F(CookieSessionTest, WhatWeHaveNotSetLetsNobodyIn) {
  const auto cookies = kept(login());
  const auto value =
      cookies.substr(0, cookies.find(';')).substr(std::string("__Host-tessera-access=").size());
  ASSERT_EQ(200, me("theme=dark; __Host-tessera-access=" + value).status());
  for (const auto& other :
       {"__Host-tessera-access=" + value + "; __Host-tessera-access=" + value,
        "__Host-tessera-access=\"" + value + "\"",
        "__host-tessera-access=" + value,
        "tessera-access=" + value,
        "__Host-tessera-access=" + value + "; __Host-tessera-access",
        "__Host-tessera-access=" + std::string(8'000, 'x'),
        "__Host-tessera-access=" + world.all(),
        "__Host-tessera-access=" + world.service().operator_key(),
        std::string("__Host-tessera-access="),
        std::string("__Host-tessera-access"),
        std::string(";;;=;")})
    expect_problem(me(other), 401, "unauthorized");
  const auto twice = refresh(cookies + "; " + cookies);
  expect_problem(twice, 401, "invalid_refresh_token");
  EXPECT_EQ(200, refresh(cookies).status()); // it was not used
}

} // namespace tessera::test
