#include "tests/api/api_world.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace tessera::test {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto password = "correct horse battery";
// Of that password, with less memory and one pass.
constexpr auto hash_of_old =
    "$argon2id$v=19$m=8192,t=1,p=1$t6yI5LxGRG6urwkur3CR1w$bkkMy0wRpqFfBVPttKXJnITJCHmbymoki5qzvj0GZsc";
constexpr milliseconds soon{2'000}; // within which what is over is refused (shapes.md)

void expect_problem(const http_exchange& answer, int status, const std::string& code) {
  EXPECT_EQ(status, answer.status()) << answer.response.body;
  EXPECT_EQ(code, text_at(answer.response.body, "/code")) << answer.response.body;
}

/// Each test has a user, and a network from which nobody else fails to sign in.
class SignInTest : public testing::Test {
protected:
  SignInTest() { world.service().create_user(world.tenant(), email, password, "tenant_admin"); }

  http_client from(const std::string& address = {}) const {
    auto client = world.service().client();
    client.set_local_address(address.empty() ? network + "2" : address);
    return client;
  }
  static std::string
  body(const std::string& address, const std::string& secret, const std::string& more = {}) {
    return R"({"email":")" + address + R"(","password":")" + secret + "\"" + more + "}";
  }
  http_exchange login(const std::string& secret = password) const {
    return from().post("/api/auth/login", body(email, secret));
  }
  http_exchange refresh(const std::string& token) const {
    return from().post("/api/auth/refresh", R"({"refreshToken":")" + token + "\"}");
  }
  http_exchange me(const std::string& token) const {
    return world.service().client(token).get("/api/auth/me");
  }
  static std::string access(const http_exchange& answer) {
    return text_at(answer.response.body, "/accessToken");
  }
  static std::string renewing(const http_exchange& answer) {
    return text_at(answer.response.body, "/refreshToken");
  }
  bool becomes_refused(const std::string& token) const {
    return wait_until(soon, [&] { return me(token).status() == 401; });
  }
  std::string sql(const std::string& text) const {
    return world.service().cluster().query(world.service().database(), text);
  }

  static inline int made = 0;
  api_world& world = api_world::instance();
  const int number = ++made;
  const std::string network = "127.1." + std::to_string(number) + ".";
  const std::string email = "person" + std::to_string(number) + "@signs-in.example";
};

} // namespace

TEST_F(SignInTest, GivesTokensAndTheUser) {
  const auto answer = login();
  ASSERT_EQ(200, answer.status()) << answer.response.body;
  const auto& told = answer.response.body;
  EXPECT_EQ(true, boolean_at(told, "/success"));
  EXPECT_EQ("Bearer", text_at(told, "/tokenType"));
  EXPECT_EQ(900, integer_at(told, "/expiresIn"));
  EXPECT_THAT(renewing(answer), StartsWith("tsr_"));
  EXPECT_EQ(email, text_at(told, "/user/email"));
  EXPECT_EQ("tenant_admin", text_at(told, "/user/role"));
  EXPECT_EQ(world.tenant(), text_at(told, "/user/tenantId"));
  EXPECT_EQ("no-store", answer.response.header("cache-control"));
  EXPECT_THAT(answer.response.header("ratelimit-policy"), HasSubstr("sign-in"));

  const auto mine = me(access(answer));
  ASSERT_EQ(200, mine.status()) << mine.response.body;
  EXPECT_EQ(email, text_at(mine.response.body, "/user/email"));
  EXPECT_EQ(0, size_at(mine.response.body, "/user/entityAssignments"));
}

TEST_F(SignInTest, NobodySignsInWithoutAToken) {
  expect_problem(world.service().client().get("/api/auth/me"), 401, "unauthorized");
  expect_problem(me("nonsense"), 401, "unauthorized");
  expect_problem(me(world.all()), 403, "insufficient_role"); // a key is nobody
}

TEST_F(SignInTest, AWrongPasswordAndAnUnknownAddressLookTheSame) {
  auto client = from();
  const header_list same_id = {{"X-Request-Id", "same"}};
  const auto wrong = client.post("/api/auth/login", body(email, "incorrect horse battery"), same_id);
  const auto unknown = client.post("/api/auth/login", body("nobody@signs-in.example", password), same_id);
  expect_problem(wrong, 401, "invalid_credentials");
  EXPECT_EQ(wrong.response.body, unknown.response.body);
  EXPECT_EQ(wrong.response.header("www-authenticate"), unknown.response.header("www-authenticate"));
  EXPECT_EQ(wrong.response.headers.size(), unknown.response.headers.size());
}

TEST_F(SignInTest, RefusesWhatIsNoSignIn) {
  std::string euros;
  for (int i = 0; i < 342; ++i)
    euros += "\xe2\x82\xac";
  const struct {
    const char* name;
    std::string body;
    int status;
    const char* code;
  } bad[] = {
      {"no JSON", "{", 400, "invalid_json"},
      {"no address", R"({"password":"x"})", 422, "validation_failed"},
      {"no password", R"({"email":"a@b.example"})", 422, "validation_failed"},
      {"a number", R"({"email":"a@b.example","password":1})", 400, "invalid_type"},
      {"null", R"({"email":null,"password":"x"})", 400, "invalid_type"},
      {"no mailbox", R"({"email":"a@b","password":"x"})", 422, "invalid_email"},
      {"unknown field", body("a@b.example", "x", R"(,"role":"tenant_admin")"), 422, "unknown_field"},
      {"tenant is no id", body("a@b.example", "x", R"(,"tenantId":"../x")"), 422, "invalid_id"},
      {"password above 1 KiB", body("a@b.example", std::string(1'025, 'x')), 422, "password_too_long"},
      {"password above 1 KiB in fewer letters", body("a@b.example", euros), 422, "password_too_long"},
  };
  auto client = from();
  for (const auto& one : bad) {
    const auto answer = client.post("/api/auth/login", one.body);
    EXPECT_EQ(one.status, answer.status()) << one.name << answer.response.body;
    EXPECT_EQ(one.code, text_at(answer.response.body, "/code")) << one.name;
  }
}

TEST_F(SignInTest, AnAddressOfTwoTenantsNeedsOneNamed) {
  const auto other = world.service().create_tenant();
  world.service().create_user(other, email, "another long password");
  auto client = from();
  expect_problem(client.post("/api/auth/login", body(email, password)), 401, "invalid_credentials");
  const auto here =
      client.post("/api/auth/login", body(email, password, R"(,"tenantId":")" + world.tenant() + "\""));
  ASSERT_EQ(200, here.status()) << here.response.body;
  EXPECT_EQ(world.tenant(), text_at(here.response.body, "/user/tenantId"));
  const auto there =
      client.post("/api/auth/login", body(email, "another long password", R"(,"tenantId":")" + other + "\""));
  EXPECT_EQ(other, text_at(there.response.body, "/user/tenantId"));
  expect_problem(
      client.post("/api/auth/login", body(email, password, R"(,"tenantId":"nowhere")")),
      401,
      "invalid_credentials"
  );
}

TEST_F(SignInTest, TwoSpellingsOfAPasswordAreOne) {
  const std::string address = "spelling" + std::to_string(number) + "@signs-in.example";
  world.service().create_user(world.tenant(), address, "cafe\xcc\x81 au lait 12");
  EXPECT_EQ(200, from().post("/api/auth/login", body(address, "caf\xc3\xa9 au lait 12")).status());
}

TEST_F(SignInTest, ARefreshTokenIsGoodOnce) {
  const auto first = login();
  const auto second = refresh(renewing(first));
  ASSERT_EQ(200, second.status()) << second.response.body;
  EXPECT_EQ(email, text_at(second.response.body, "/user/email"));
  EXPECT_NE(renewing(first), renewing(second));
  EXPECT_EQ(200, me(access(second)).status());
  EXPECT_EQ(200, me(access(first)).status()); // the session goes on

  // Somebody has the old one: whoever they are, the family ends.
  expect_problem(refresh(renewing(first)), 401, "invalid_refresh_token");
  expect_problem(refresh(renewing(second)), 401, "invalid_refresh_token");
  EXPECT_TRUE(becomes_refused(access(second)));
  expect_problem(me(access(first)), 401, "unauthorized");
  EXPECT_EQ(200, login().status()); // another session is another matter
}

TEST_F(SignInTest, RefusesWhatIsNoRefreshToken) {
  for (const auto& token : {std::string("x"), "tsr_" + std::string(43, 'A'), std::string("tsr_")})
    expect_problem(refresh(token), 401, "invalid_refresh_token");
  expect_problem(from().post("/api/auth/refresh", "{}"), 422, "validation_failed");
  expect_problem(refresh(access(login())), 401, "invalid_refresh_token");
}

TEST_F(SignInTest, LogoutEndsTheSessionOfTheBearer) {
  const auto mine = login();
  const auto elsewhere = login();
  auto client = world.service().client(access(mine));
  const auto done = client.send({.method = "POST", .target = "/api/auth/logout", .headers = {}, .body = {}});
  ASSERT_EQ(200, done.status()) << done.response.body;
  EXPECT_EQ(true, boolean_at(done.response.body, "/success"));
  EXPECT_TRUE(becomes_refused(access(mine)));
  expect_problem(refresh(renewing(mine)), 401, "invalid_refresh_token");
  EXPECT_EQ(200, me(access(elsewhere)).status());
  EXPECT_EQ(200, client.post("/api/auth/logout", "{}").status()); // it is over, once more
}

TEST_F(SignInTest, LogoutEndsTheBearersSessionWhateverIsInTheBody) {
  const auto body_with = [](const std::string& token) { return R"({"refreshToken":")" + token + "\"}"; };
  for (const auto& token : {std::string("none"), "tsr_" + std::string(43, 'A')}) {
    const auto mine = login();
    auto client = world.service().client(access(mine));
    EXPECT_EQ(200, client.post("/api/auth/logout", body_with(token)).status());
    expect_problem(refresh(renewing(mine)), 401, "invalid_refresh_token");
    EXPECT_TRUE(becomes_refused(access(mine)));
  }
  const auto mine = login();
  const auto elsewhere = login();
  auto client = world.service().client(access(mine));
  EXPECT_EQ(200, client.post("/api/auth/logout", body_with(renewing(elsewhere))).status());
  for (const auto& each : {mine, elsewhere}) {
    expect_problem(refresh(renewing(each)), 401, "invalid_refresh_token");
    EXPECT_TRUE(becomes_refused(access(each)));
  }
}

TEST_F(SignInTest, GuessingRefreshTokensAtLogoutEnds) {
  auto client = from(network + "9");
  const auto sign_out = [&](const std::string& token) {
    return client.post("/api/auth/logout", R"({"refreshToken":")" + token + "\"}");
  };
  EXPECT_EQ(200, sign_out(renewing(login())).status()); // of a real one nothing counts
  const auto mine = login();
  int guessed = 0;
  while (guessed < 200 && sign_out("tsr_" + std::string(43, 'A')).status() == 200)
    ++guessed;
  EXPECT_GE(guessed, 100);
  EXPECT_LT(guessed, 200);
  expect_problem(sign_out(renewing(mine)), 429, "rate_limited");
  EXPECT_EQ(200, me(access(mine)).status());
  client.set_header("Authorization", "Bearer " + access(mine));
  EXPECT_EQ(200, sign_out("none").status()); // whoever says who they are is not limited
}

TEST_F(SignInTest, LogoutTakesARefreshTokenInstead) {
  const auto mine = login();
  auto client = from();
  EXPECT_EQ(200, client.post("/api/auth/logout", R"({"refreshToken":")" + renewing(mine) + "\"}").status());
  EXPECT_TRUE(becomes_refused(access(mine)));
  expect_problem(client.post("/api/auth/logout", "{}"), 401, "unauthorized");
  expect_problem(
      client.send({.method = "POST", .target = "/api/auth/logout", .headers = {}, .body = {}}),
      401,
      "unauthorized"
  );
}

TEST_F(SignInTest, WhoIsDisabledIsOutWithinTwoSeconds) {
  const auto mine = login();
  ASSERT_EQ(200, me(access(mine)).status());
  sql("UPDATE users SET status = 'disabled' WHERE email = '" + email + "'");
  EXPECT_TRUE(becomes_refused(access(mine)));
  expect_problem(refresh(renewing(mine)), 401, "invalid_refresh_token");
  expect_problem(login(), 401, "invalid_credentials");
}

TEST_F(SignInTest, AnOldHashIsMadeAnew) {
  const auto hash = [&] { return sql("SELECT password_hash FROM users WHERE email = '" + email + "'"); };
  sql("UPDATE users SET password_hash = '" + std::string(hash_of_old) + "' WHERE email = '" + email + "'");
  expect_problem(login("incorrect horse battery"), 401, "invalid_credentials");
  EXPECT_EQ(hash_of_old, hash());
  EXPECT_EQ(200, login().status());
  EXPECT_THAT(hash(), StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_EQ(200, login().status());
}

TEST_F(SignInTest, GuessingFromOneNetworkEndsAndTheOwnerComesInFromAnother) {
  int refused = 0;
  http_exchange last;
  for (int i = 0; i < 14; ++i) {
    last = login("guess number " + std::to_string(i));
    refused += last.status() == 429 ? 1 : 0;
  }
  EXPECT_EQ(4, refused);
  expect_problem(last, 429, "rate_limited");
  EXPECT_GE(std::stoi("0" + last.response.header("retry-after")), 1);
  EXPECT_LE(std::stoi("0" + last.response.header("retry-after")), 90);
  EXPECT_THAT(last.response.header("ratelimit"), StartsWith("\"sign-in\";r=0;t="));
  expect_problem(login(), 429, "rate_limited"); // the right one, from there
  EXPECT_EQ(200, from(network + "3").post("/api/auth/login", body(email, password)).status());
}

TEST_F(SignInTest, AForwardedAddressIsNotBelieved) {
  auto client = from();
  int refused = 0;
  for (int i = 0; i < 20; ++i)
    refused += client.post(
                         "/api/auth/login",
                         body(email, "a wrong password"),
                         {{"X-Forwarded-For", "198.51.100." + std::to_string(i)}}
               ).status() == 429
                   ? 1
                   : 0;
  EXPECT_EQ(10, refused);
}

TEST_F(SignInTest, TwoAtOnceWithOneTokenEndTheSession) {
  const auto mine = login();
  std::vector<int> statuses(2);
  std::vector<std::thread> callers;
  for (auto& status : statuses)
    callers.emplace_back([&, token = renewing(mine)] { status = refresh(token).status(); });
  for (auto& caller : callers)
    caller.join();
  std::sort(statuses.begin(), statuses.end());
  EXPECT_EQ((std::vector<int>{200, 401}), statuses);
  EXPECT_TRUE(becomes_refused(access(mine)));
}

TEST(SigningKeysTest, ANewOneSignsAndTheOldOneVerifies) {
  tessera_service service;
  const auto tenant = service.create_tenant("rotating");
  service.create_user(tenant, "a@rotates.example", password);
  const auto before = text_at(service.sign_in("a@rotates.example", password), "/accessToken");
  ASSERT_TRUE(service.command({"signing-key", "rotate", "--file", service.signing_key_file()}).ok());

  const auto keys = [&] { return service.client().get("/.well-known/jwks.json").response.body; };
  EXPECT_TRUE(wait_until(milliseconds{3'000}, [&] { return size_at(keys(), "/keys") == 2; })) << keys();

  const auto after = text_at(service.sign_in("a@rotates.example", password), "/accessToken");
  EXPECT_NE(before.substr(0, before.find('.')), after.substr(0, after.find('.'))); // another kid
  for (const auto& token : {before, after})
    EXPECT_EQ(200, service.client(token).get("/api/auth/me").status());
  service.crash_and_restart();
  EXPECT_EQ(200, service.client(before).get("/api/auth/me").status()); // the file stays
}

TEST(SignInServiceTest, AccessTokensEnd) {
  tessera_service service({.environment = {{"TESSERA_AUTH_ACCESS_TTL_SECONDS", "1"}}});
  service.create_user(service.create_tenant("short"), "a@short.example", password);
  const auto answer = service.sign_in("a@short.example", password);
  EXPECT_EQ(1, integer_at(answer, "/expiresIn"));
  auto client = service.client(text_at(answer, "/accessToken"));
  EXPECT_TRUE(wait_until(soon, [&] { return client.get("/api/auth/me").status() == 401; }));
}

/// Medians: one that takes as long tells nothing. SIGN_IN_TIMES=1000 measures it whole, and then within 5 %.
TEST(SignInServiceTest, NobodyTakesAsLongAsSomebody) {
  tessera_service service({.environment = {{"TESSERA_LIMITS_SCALE", "1000"}}});
  service.create_user(service.create_tenant("timed"), "known@timed.example", password);
  auto client = service.client();
  const auto once = [&](const std::string& email) {
    const auto began = std::chrono::steady_clock::now();
    const auto answer =
        client.post("/api/auth/login", R"({"email":")" + email + R"(","password":"a wrong password"})");
    EXPECT_EQ(401, answer.status()) << answer.response.body;
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  };
  const auto* times = std::getenv("SIGN_IN_TIMES");
  const int most = times ? std::stoi(times) : 21;
  std::vector<double> known;
  std::vector<double> unknown;
  for (int i = 0; i < most; ++i) {
    known.push_back(once("known@timed.example"));
    unknown.push_back(once("nobody" + std::to_string(i) + "@timed.example"));
  }
  const auto median = [](std::vector<double>& of) {
    std::nth_element(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(of.size() / 2), of.end());
    return of[of.size() / 2];
  };
  const auto somebody = median(known);
  const auto nobody = median(unknown);
  std::cout << most << " of each: known " << somebody << " ms, unknown " << nobody << " ms\n";
  EXPECT_LT(std::abs(somebody - nobody) / somebody, most >= 1'000 ? 0.05 : 0.25);
}

TEST(SignInServiceTest, ManyAtOnceAreTurnedAwayAndMeteringGoesOn) {
  tessera_service service({.environment = {{"TESSERA_LIMITS_SCALE", "1000"}}});
  const auto tenant = service.create_tenant("crowd");
  service.create_user(tenant, "a@crowd.example", password);
  const auto key = service.create_api_key(tenant, {"credits:read", "directory:write"});
  service.create_application(key, "crm");
  service.create_organization(key, "org-1");
  std::atomic<int> in{0};
  std::atomic<int> away{0};
  std::atomic<int> other{0};
  std::vector<std::thread> crowd;
  for (int i = 0; i < 200; ++i)
    crowd.emplace_back([&] {
      const auto answer = service.client().post(
          "/api/auth/login", R"({"email":"a@crowd.example","password":"correct horse battery"})"
      );
      if (answer.status() == 200)
        ++in;
      else if (answer.status() == 503 && !answer.response.header("retry-after").empty())
        ++away;
      else
        ++other;
    });
  auto reader = service.client(key);
  reader.set_header("X-Application", "crm");
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(200, reader.get("/api/credits/balance/organization/org-1").status());
  for (auto& one : crowd)
    one.join();
  EXPECT_EQ(0, other);
  EXPECT_GE(in, 10);
  EXPECT_GE(away, 1);
  std::cout << in << " signed in, " << away << " turned away\n";
}

} // namespace tessera::test
