// Mail by a server that is not ours: npm's smtp-server and mailparser (tests/node/smtp).
#include "tests/api/node_process.hpp"
#include "tests/support/tessera_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tessera::test {

namespace {

using testing::HasSubstr;

constexpr milliseconds patience{30'000};

/// Somebody has forgotten their password: the shortest way to a mail.
class SmtpTest : public testing::Test {
protected:
  ~SmtpTest() override { std::filesystem::remove_all(files); }

  void begin(const std::string& mode, const std::string& credentials = {}, bool is_trusted = true) {
    std::vector<std::string> arguments{mode};
    if (mode == "auth") arguments.insert(arguments.end(), {files + "/key.pem", files + "/cert.pem"});
    if (mode == "auth") make_certificate();
    server.emplace("smtp/server.mjs", arguments);
    std::map<std::string, std::string> environment{
        {"TESSERA_SMTP_URL", "smtp://" + credentials + server->address()},
        {"TESSERA_SMTP_FROM", "no-reply@tessera.example"}};
    if (is_trusted && mode == "auth") environment["TESSERA_SMTP_CA_FILE"] = files + "/cert.pem";
    service.emplace(service_options{.environment = environment});
    service->create_tenant("acme");
  }
  void begin_with_two(const std::string& first, const std::string& other) {
    service.emplace(service_options{
        .environment = {
            {"TESSERA_SMTP_URL", "smtp://" + first}, {"TESSERA_SMTP_FALLBACK_URL", "smtp://" + other}}});
    service->create_tenant("acme");
  }
  void make_certificate() {
    const auto made = run(
        {.command =
             {"/usr/bin/env",
              "openssl",
              "req",
              "-x509",
              "-newkey",
              "rsa:2048",
              "-nodes",
              "-days",
              "2",
              "-subj",
              "/CN=127.0.0.1",
              "-addext",
              "subjectAltName=IP:127.0.0.1",
              "-keyout",
              files + "/key.pem",
              "-out",
              files + "/cert.pem"},
         .environment = {},
         .output_file = {}}
    );
    ASSERT_TRUE(made.ok()) << made.output;
  }
  void mail_to(const std::string& address) {
    service->create_user("acme", address, "correct horse battery");
    const auto told = service->client().post("/api/auth/password/forgot", R"({"email":")" + address + "\"}");
    ASSERT_EQ(202, told.status()) << told.response.body;
  }
  std::string sql(const std::string& text) { return service->cluster().query(service->database(), text); }
  /// `status class attempts` of the only notification, once there is one that was tried.
  std::string outcome() {
    std::string told;
    wait_until(patience, [&] {
      told = sql("SELECT concat_ws(' ', status, last_error_class, attempts) FROM notifications"
                 " WHERE attempts > 0 AND status <> 'claimed'");
      return !told.empty();
    });
    return told;
  }

  const std::string files = make_temporary_directory();
  std::optional<node_process> server;
  std::optional<tessera_service> service;
};

} // namespace

TEST_F(SmtpTest, AMailArrivesWithTextAndHtml) {
  begin("plain");
  sql("UPDATE tenants SET branding = '{\"fromName\":\"M\u00fcller & "
      "S\u00f6hne\",\"displayName\":\"\u00dcbung <b>\"}'");
  mail_to("ann@acme.example");
  EXPECT_EQ("sent 1", outcome());
  const auto mails = server->lines_with("\"event\":\"mail\"");
  ASSERT_EQ(1u, mails.size());
  const auto& mail = mails.front();
  EXPECT_EQ("no-reply@tessera.example", text_at(mail, "/from"));
  EXPECT_EQ("ann@acme.example", text_at(mail, "/to/0"));
  EXPECT_EQ("M\u00fcller & S\u00f6hne", text_at(mail, "/fromName"));
  EXPECT_EQ("Reset your password", text_at(mail, "/subject"));
  EXPECT_THAT(text_at(mail, "/text"), HasSubstr("at \u00dcbung <b>."));
  EXPECT_THAT(text_at(mail, "/text"), HasSubstr("/reset-password#token=tsp_"));
  EXPECT_THAT(text_at(mail, "/html"), HasSubstr("\u00dcbung &lt;b&gt;"));
  EXPECT_EQ(
      "<" + sql("SELECT notification_id FROM notifications") + "@tessera.example>",
      text_at(mail, "/messageId")
  );
}

TEST_F(SmtpTest, ASubjectInAnyLanguageArrives) {
  begin("plain");
  sql("UPDATE tenants SET branding = '{\"displayName\":\"\u00dcbung & S\u00f6hne \u682a\u5f0f\u4f1a\u793e\"}'"
  );
  sql("INSERT INTO notification_templates (tenant_id, template_key, channel, locale, version, subject, html, "
      "body)"
      " SELECT tenant_id, 'passwordReset', 'email', 'en', 1,"
      "  '{{organizationName}}: neues Pa\u00dfwort, \u65b0\u3057\u3044\u30d1\u30b9\u30ef\u30fc\u30c9 "
      "\U0001f511',"
      "  '<p>\u00dc {{resetUrl}}</p>', '\u00dc {{resetUrl}}' FROM tenants");
  mail_to("ann@acme.example");
  EXPECT_EQ("sent 1", outcome());
  const auto mails = server->lines_with("\"event\":\"mail\"");
  ASSERT_EQ(1u, mails.size());
  EXPECT_EQ(
      "\u00dcbung & S\u00f6hne \u682a\u5f0f\u4f1a\u793e: neues Pa\u00dfwort, "
      "\u65b0\u3057\u3044\u30d1\u30b9\u30ef\u30fc\u30c9 \U0001f511",
      text_at(mails.front(), "/subject")
  );
  EXPECT_THAT(text_at(mails.front(), "/text"), HasSubstr("\u00dc http"));
  EXPECT_THAT(text_at(mails.front(), "/html"), HasSubstr("<p>\u00dc http"));
}

TEST_F(SmtpTest, CredentialsGoOverTlsOnly) {
  begin("auth", "us%65r:right@");
  mail_to("ann@acme.example");
  EXPECT_EQ("sent 1", outcome());
  const auto signed_in = server->lines_with("\"event\":\"auth\"");
  ASSERT_EQ(1u, signed_in.size());
  EXPECT_EQ("user", text_at(signed_in.front(), "/user"));
  EXPECT_EQ(true, boolean_at(signed_in.front(), "/secure"));
  EXPECT_EQ(true, boolean_at(server->lines_with("\"event\":\"mail\"").front(), "/secure"));
}

TEST_F(SmtpTest, AServerThatTakesStartTlsAwayGetsNoCredentialsAndNoMail) {
  begin("stripped", "user:right@");
  mail_to("ann@acme.example");
  EXPECT_THAT(outcome(), HasSubstr("queued transient"));
  EXPECT_EQ(1u, server->lines().size()); // that it listens
}

TEST_F(SmtpTest, ACertificateThatNobodyVouchesForGetsNoCredentialsAndNoMail) {
  begin("auth", "user:right@", false);
  mail_to("ann@acme.example");
  EXPECT_THAT(outcome(), HasSubstr("queued transient"));
  EXPECT_EQ(1u, server->lines().size());
}

TEST_F(SmtpTest, AWrongPasswordIsForTheOperator) {
  begin("auth", "user:wrong@");
  mail_to("ann@acme.example");
  EXPECT_EQ("dead permanent_config 1", outcome());
  EXPECT_EQ("0", sql("SELECT count(*) FROM suppressions"));
}

TEST_F(SmtpTest, WhoseAddressIsNoneGetsNothingMore) {
  begin("plain");
  mail_to("bounce@acme.example");
  EXPECT_EQ("dead permanent_recipient 1", outcome());
  EXPECT_EQ("bounce", sql("SELECT reason FROM suppressions"));
}

TEST_F(SmtpTest, WhoseMailBouncedOnceCanStillAskForANewPassword) {
  begin("plain");
  sql("INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, recipient_masked, "
      "reason)"
      " SELECT gen_random_uuid(), tenant_id, 'email', sha256('ann@acme.example'), 'a***', 'bounce' FROM "
      "tenants");
  mail_to("ann@acme.example");
  EXPECT_EQ("sent 1", outcome());
}

TEST_F(SmtpTest, ARefusedSenderIsNotTheRecipientsFault) {
  begin("sender");
  mail_to("ann@acme.example");
  EXPECT_EQ("dead permanent_config 1", outcome());
  EXPECT_EQ("0", sql("SELECT count(*) FROM suppressions"));
}

TEST_F(SmtpTest, WhatIsPutOffIsTriedAgain) {
  begin("plain");
  mail_to("later@acme.example");
  EXPECT_THAT(outcome(), HasSubstr("queued transient"));
}

TEST_F(SmtpTest, APolicyIsNotTheRecipientsFault) {
  begin("plain");
  mail_to("policy@acme.example");
  EXPECT_EQ("dead permanent_config 1", outcome());
  EXPECT_EQ("0", sql("SELECT count(*) FROM suppressions"));
}

TEST_F(SmtpTest, W45WhenAServerIsGoneAfterItHadTheMailTheSameMailGoesAgain) {
  begin("plain");
  mail_to("drop@acme.example");
  EXPECT_THAT(outcome(), HasSubstr("queued ambiguous"));
  ASSERT_TRUE(wait_until(patience, [&] { return server->lines_with("\"event\":\"mail\"").size() >= 2; }));
  const auto mails = server->lines_with("\"event\":\"mail\"");
  EXPECT_EQ(mails[0], mails[1]); // the Message-ID as well
}

TEST_F(SmtpTest, WhileTheFirstServerIsAwayTheOtherOneIsAsked) {
  server.emplace("smtp/server.mjs", std::vector<std::string>{"plain"});
  begin_with_two("127.0.0.1:1", server->address());
  mail_to("ann@acme.example");
  EXPECT_EQ("sent 1", outcome());
  EXPECT_EQ("smtp_fallback", sql("SELECT provider FROM notifications"));
  EXPECT_EQ(1u, server->lines_with("\"event\":\"mail\"").size());
  EXPECT_THAT(
      service->log(), HasSubstr("smtp_fallback is asked")
  ); // nobody overlooks that the first one is away
}

TEST_F(SmtpTest, WhatTheFirstServerMayHaveGoesToNoOther) {
  server.emplace("smtp/server.mjs", std::vector<std::string>{"plain"});
  node_process other("smtp/server.mjs", {"plain"});
  begin_with_two(server->address(), other.address());
  mail_to("drop@acme.example");
  EXPECT_THAT(outcome(), HasSubstr("queued ambiguous"));
  sql("UPDATE notifications SET next_attempt_at = clock_timestamp()");
  ASSERT_TRUE(wait_until(patience, [&] { return server->lines_with("\"event\":\"mail\"").size() >= 2; }));
  EXPECT_EQ(0u, other.lines_with("\"event\":\"mail\"").size());
}

TEST_F(SmtpTest, ARefusedRecipientIsRefusedByOneServer) {
  server.emplace("smtp/server.mjs", std::vector<std::string>{"plain"});
  node_process other("smtp/server.mjs", {"plain"});
  begin_with_two(server->address(), other.address());
  mail_to("bounce@acme.example");
  EXPECT_EQ("dead permanent_recipient 1", outcome());
  EXPECT_EQ("smtp", sql("SELECT provider FROM notifications"));
}

TEST_F(SmtpTest, AServerThatIsAwayIsTriedAgain) {
  service.emplace(service_options{.environment = {{"TESSERA_SMTP_URL", "smtp://127.0.0.1:1"}}});
  service->create_tenant("acme");
  mail_to("ann@acme.example");
  EXPECT_THAT(outcome(), HasSubstr("queued transient"));
}

} // namespace tessera::test
