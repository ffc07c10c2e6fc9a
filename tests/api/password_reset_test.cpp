// Passwords that were forgotten, and addresses that are to be confirmed, by mails in the spool.
#include "tests/api/mailbox.hpp"
#include "tests/support/json.hpp"
#include "tests/support/tessera_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr milliseconds patience{20'000};

class PasswordResetTest : public testing::Test {
protected:
  PasswordResetTest() {
    service.create_tenant("acme");
    service.create_user("acme", "ann@acme.test", old_password, "tenant_admin");
  }

  http_exchange forget(const std::string& email) {
    return service.client().post("/api/auth/password/forgot", R"({"email":")" + email + "\"}");
  }
  http_exchange reset(const std::string& token, const std::string& password) {
    return service.client().post(
        "/api/auth/password/reset",
        R"({"token":")" + token + R"(","password":")" + password + R"(","confirmPassword":")" + password +
            "\"}"
    );
  }
  /// The token of the only mail that has come by now.
  std::string mailed_token() {
    EXPECT_TRUE(wait_until(patience, [this] {
      return sql("SELECT count(*) FROM notifications WHERE status = 'sent'") != "0";
    }));
    const auto mail = mailbox(service.spool()).only_to("ann@acme.test");
    const auto at = mail.find("#token=") + 7;
    return mail.substr(at, 47);
  }
  int sign_in(const std::string& password) {
    return service.client()
        .post("/api/auth/login", R"({"email":"ann@acme.test","password":")" + password + "\"}")
        .status();
  }
  std::string sql(const std::string& text) { return service.cluster().query(service.database(), text); }
  static std::string code_of(const http_exchange& answer) { return text_at(answer.response.body, "/code"); }

  const std::string old_password = "correct horse battery";
  const std::string new_password = "a staple that is new";
  tessera_service service;
};

} // namespace

TEST_F(PasswordResetTest, OpeningALinkUsesNothingUp) {
  ASSERT_EQ(202, forget("ann@acme.test").status());
  const auto token = mailed_token();
  auto nobody = service.client();
  for (const std::string path : {"/reset-password", "/verify-email"}) {
    const auto page = nobody.get(path + "?token=" + token);
    EXPECT_EQ(200, page.status());
    EXPECT_THAT(page.response.header("content-type"), HasSubstr("text/html"));
    EXPECT_THAT(page.response.header("content-security-policy"), HasSubstr("default-src 'none'"));
    EXPECT_EQ("no-referrer", page.response.header("referrer-policy"));
    EXPECT_EQ("no-store", page.response.header("cache-control"));
    EXPECT_EQ("DENY", page.response.header("x-frame-options"));
    EXPECT_THAT(
        page.response.body,
        AllOf(Not(HasSubstr("http://")), Not(HasSubstr("https://")), Not(HasSubstr(token)))
    );
    for (const std::string part : {"/style.css", "/script.js"})
      EXPECT_EQ(200, nobody.get(path + part).status());
    nobody.send({.method = "HEAD", .target = path + "?token=" + token});
    EXPECT_EQ(405, nobody.post(path, "{}").status());
  }
  EXPECT_EQ(200, reset(token, new_password).status());
}

TEST_F(PasswordResetTest, AMailedTokenSetsANewPasswordOnceAndEndsAllSessions) {
  const auto session = service.sign_in("ann@acme.test", old_password);
  EXPECT_EQ(202, forget("ann@acme.test").status());
  const auto token = mailed_token();

  EXPECT_EQ(200, reset(token, new_password).status());
  EXPECT_EQ(401, sign_in(old_password));
  EXPECT_EQ(200, sign_in(new_password));
  EXPECT_EQ("t", sql("SELECT email_verified_at IS NOT NULL FROM users"));
  const auto refreshed = service.client().post(
      "/api/auth/refresh", R"({"refreshToken":")" + text_at(session, "/refreshToken") + "\"}"
  );
  EXPECT_EQ(401, refreshed.status());
  EXPECT_TRUE(wait_until(milliseconds{2'000}, [&] {
    return service.client(text_at(session, "/accessToken")).get("/api/auth/me").status() == 401;
  }));

  const auto again = reset(token, "another one that is new");
  EXPECT_EQ(410, again.status());
  EXPECT_EQ("token_expired", code_of(again));
}

TEST_F(PasswordResetTest, NoSecretIsAtRestOrInTheLog) {
  forget("ann@acme.test");
  const auto token = mailed_token();
  for (const auto* table : {"outbox", "notifications", "account_tokens"})
    EXPECT_EQ(
        "0",
        sql(std::string("SELECT count(*) FROM ") + table + " x WHERE x::text LIKE '%" + token.substr(4) + "%'"
        )
    );
  EXPECT_EQ("0", sql("SELECT count(*) FROM outbox WHERE payload::text LIKE '%ann@%'"));
  EXPECT_THAT(service.log(), Not(HasSubstr(token.substr(4))));
}

TEST_F(PasswordResetTest, AnAddressThatIsNobodysIsAnsweredAlike) {
  const auto known = forget("ann@acme.test");
  const auto unknown = forget("nobody@acme.test");
  EXPECT_EQ(known.status(), unknown.status());
  EXPECT_EQ(known.response.body, unknown.response.body);
  mailed_token();
  EXPECT_TRUE(wait_until(patience, [this] {
    return sql("SELECT count(*) FROM outbox WHERE expanded_at IS NULL") == "0";
  }));
  EXPECT_EQ("1", sql("SELECT count(*) FROM notifications"));
}

/// Whoever words the branding would get the tokens of others.
TEST_F(PasswordResetTest, TheLinkLeadsToTheServiceWhateverTheBrandingSays) {
  sql("UPDATE tenants SET branding = '{\"publicBaseUrl\":\"https://evil.example\"}'");
  forget("ann@acme.test");
  mailed_token();
  EXPECT_THAT(mailbox(service.spool()).only_to("ann@acme.test"), Not(HasSubstr("evil.example")));
}

TEST_F(PasswordResetTest, WhoSignsInElsewhereOnlyIsNotGivenAPassword) {
  sql("INSERT INTO user_identities (tenant_id, issuer, subject, user_id)"
      " SELECT tenant_id, 'https://issuer.example', 'ann', user_id FROM users");
  sql("UPDATE users SET password_hash = NULL");
  forget("ann@acme.test");
  ASSERT_TRUE(wait_until(patience, [this] {
    return sql("SELECT count(*) FILTER (WHERE expanded_at IS NULL) = 0 AND count(*) > 0 FROM outbox"
               " WHERE kind = 'auth.password_forgotten'") == "t";
  }));
  EXPECT_EQ("0", sql("SELECT count(*) FROM account_tokens"));
}

TEST_F(PasswordResetTest, NobodyIsBombedWithMail) {
  sql("INSERT INTO outbox (outbox_id, tenant_id, kind, payload)"
      " SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'auth.password_forgotten',"
      " '{\"emailKey\":\"ann@acme.test\",\"tenant\":\"\"}' FROM generate_series(1, 50)");
  EXPECT_TRUE(wait_until(patience, [this] {
    return sql("SELECT count(*) FROM outbox WHERE expanded_at IS NULL") == "0";
  }));
  EXPECT_EQ("5", sql("SELECT count(*) FROM notifications"));
}

TEST_F(PasswordResetTest, ATokenIsGoodForItsPurposeItsTimeAndItsAddress) {
  forget("ann@acme.test");
  const auto token = mailed_token();
  const auto unknown = reset("tsp_" + std::string(43, 'a'), new_password);
  EXPECT_EQ(404, unknown.status());
  EXPECT_EQ("token_unknown", code_of(unknown));
  EXPECT_EQ(404, service.client().post("/api/auth/email/verify", R"({"token":")" + token + "\"}").status());
  const auto differing = service.client().post(
      "/api/auth/password/reset",
      R"({"token":")" + token + R"(","password":"a staple that is new","confirmPassword":"another staple"})"
  );
  EXPECT_EQ("passwords_differ", code_of(differing));
  EXPECT_EQ("password_too_short", code_of(reset(token, "short")));
  sql("UPDATE users SET email = 'other@acme.test', email_key = 'other@acme.test'");
  EXPECT_EQ("token_expired", code_of(reset(token, new_password)));
  sql("UPDATE users SET email = 'ann@acme.test', email_key = 'ann@acme.test'");
  sql("UPDATE account_tokens SET expires_at = clock_timestamp()");
  EXPECT_EQ("token_expired", code_of(reset(token, new_password)));
  EXPECT_EQ(200, sign_in(old_password));
}

TEST_F(PasswordResetTest, AnAddressIsConfirmedByTheMailThatCameThere) {
  sql("INSERT INTO outbox (outbox_id, tenant_id, kind, payload) SELECT gen_random_uuid(), tenant_id,"
      " 'auth.email_unverified', jsonb_build_object('userId', user_id) FROM users");
  const auto token = mailed_token();
  const auto body = R"({"token":")" + token + "\"}";
  EXPECT_EQ("f", sql("SELECT email_verified_at IS NOT NULL FROM users"));
  EXPECT_EQ(200, service.client().post("/api/auth/email/verify", body).status());
  EXPECT_EQ("t", sql("SELECT email_verified_at IS NOT NULL FROM users"));
  EXPECT_EQ("token_expired", code_of(service.client().post("/api/auth/email/verify", body)));
}

} // namespace tessera::test
