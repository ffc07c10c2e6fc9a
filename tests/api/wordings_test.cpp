// /api/notification-templates and /api/suppressions, and what comes of them, against the real binary.
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
constexpr const char* path = "/api/notification-templates/creditPurchase/email/en";

/// acme with org-1: a tenant_admin, and an administrator of org-1 whose language is German as it is spoken in
/// Austria.
class WordingsTest : public testing::Test {
protected:
  WordingsTest() {
    service.create_tenant("acme");
    service.create_package("acme", "thousand", 1000, 5000);
    key = service.create_api_key("acme", {"credits:read", "credits:purchase", "directory:write"});
    service.create_application(key, "crm");
    service.create_organization(key, "org-1");
    service.create_user("acme", "boss@acme.test", password, "tenant_admin");
    service.create_user(
        "acme", "org@acme.test", password, "organization_admin", {"organization/org-1:viewer"}, {"crm"}
    );
    sql("UPDATE users SET language = 'de-AT' WHERE email = 'org@acme.test'");
    admin = text_at(service.sign_in("boss@acme.test", password), "/accessToken");
  }

  http_client boss() const { return service.client(admin); }
  void buy() {
    auto client = service.client(key);
    client.set_header("X-Application", "crm");
    const auto bought = client.post(
        "/api/credits/purchase",
        R"({"packageId":"thousand","paymentMethod":"test","entityType":"organization","entityId":"org-1"})"
    );
    ASSERT_EQ(201, bought.status()) << bought.response.body;
  }
  std::string sql(const std::string& text) { return service.cluster().query(service.database(), text); }
  bool all_done() {
    return wait_until(patience, [this] {
      return sql("SELECT (SELECT count(*) FROM outbox WHERE expanded_at IS NULL)"
                 " + (SELECT count(*) FROM notifications WHERE status IN ('queued', 'claimed'))") == "0";
    });
  }
  static std::string said(const std::string& words) {
    return R"({"subject":")" + words + R"( {{credits}}","html":"<p>)" + words +
           R"( {{credits}}</p>","text":")" + words + R"( {{credits}}"})";
  }
  void word(const std::string& locale, const std::string& words) {
    const auto put = boss().put("/api/notification-templates/creditPurchase/email/" + locale, said(words));
    ASSERT_EQ(200, put.status()) << put.response.body;
  }
  mailbox mails() { return mailbox(service.spool()); }

  const std::string password = "correct horse battery";
  tessera_service service;
  std::string key;
  std::string admin;
};

} // namespace

TEST_F(WordingsTest, AllThatThereAreAreListed) {
  word("de", "Danke");
  const auto list = boss().get("/api/notification-templates");
  ASSERT_EQ(200, list.status()) << list.response.body;
  std::size_t built_in = 0;
  std::size_t own = 0;
  for (const auto& each : items_at(list.response.body, "/templates")) {
    ++(each.find(R"("custom":true)") != each.npos ? own : built_in);
    if (text_at(each, "/key") == "invitation") {
      EXPECT_THAT(each, HasSubstr(R"("required":["invitationUrl"])"));
    }
  }
  EXPECT_EQ(1u, own);
  EXPECT_GE(built_in, 10u);
}

TEST_F(WordingsTest, AVersionIsAddedEachTimeAndTheLastOneCounts) {
  const auto before = boss().get(path);
  EXPECT_THAT(
      before.response.body, AllOf(HasSubstr(R"("custom":false,"version":0)"), HasSubstr("Thank you"))
  );
  word("en", "Thanks");
  word("en", "Cheers");
  const auto now = boss().get(path);
  EXPECT_THAT(
      now.response.body, AllOf(HasSubstr(R"("custom":true,"version":2)"), HasSubstr("Cheers {{credits}}"))
  );
  const auto versions = items_at(boss().get(std::string(path) + "/versions").response.body, "/templates");
  ASSERT_EQ(2u, versions.size());
  EXPECT_THAT(versions[0], HasSubstr("Cheers"));
  EXPECT_THAT(versions[1], HasSubstr("Thanks"));
  auto late = boss();
  late.set_header("If-Match", before.response.header("etag"));
  EXPECT_EQ(412, late.put(path, said("Late")).status());
  EXPECT_THAT(boss().get(path).response.body, HasSubstr("Cheers"));
}

TEST_F(WordingsTest, TheNearestLanguageIsSentWithTheTenantsLook) {
  word("de", "Danke");
  word("de-AT", "Servus");
  sql("UPDATE tenants SET branding = branding || jsonb_build_object('displayName', 'Acme <3', "
      "'primaryColor', '#aa00ff',"
      " 'logoUrl', 'https://acme.test/logo.png')");
  buy();
  ASSERT_TRUE(all_done());
  const auto mail = unquoted(mails().only_to("org@acme.test", "Subject: Servus 1000"));
  EXPECT_THAT(mail, HasSubstr("<p>Servus 1000</p>"));
  EXPECT_THAT(
      mail, AllOf(HasSubstr("#aa00ff"), HasSubstr("https://acme.test/logo.png"), HasSubstr("Acme &lt;3"))
  );
}

TEST_F(WordingsTest, WhatIsTakenBackIsSaidAsBefore) {
  word("de", "Danke");
  word("de-AT", "Servus");
  auto client = boss();
  const std::string austrian = "/api/notification-templates/creditPurchase/email/de-AT";
  const auto gone = client.remove(austrian);
  ASSERT_EQ(200, gone.status()) << gone.response.body;
  EXPECT_THAT(gone.response.body, HasSubstr(R"("custom":false,"version":2)"));
  EXPECT_EQ(404, client.remove(austrian).status()) << "there is nothing to take back any more";
  buy();
  ASSERT_TRUE(all_done());
  EXPECT_NO_THROW(mails().only_to("org@acme.test", "Subject: Danke 1000")) << "of the wider language";
  EXPECT_EQ(200, client.remove("/api/notification-templates/creditPurchase/email/de").status());
  buy();
  ASSERT_TRUE(all_done());
  EXPECT_NO_THROW(mails().only_to("org@acme.test", "Subject: Credit Purchase Confirmation"));
}

TEST_F(WordingsTest, WhatCanNotBeSaidIsRefusedWithFieldAndRule) {
  struct {
    const char* body;
    const char* pointer;
    const char* rule;
  } const cases[] = {
      {R"({"subject":"S","html":"<p>{{{credits}}}</p>","text":"t"})", "/html", "name of a variable"},
      {R"({"subject":"S {{nobody}}","html":"h","text":"t"})", "/subject", "There is no variable `nobody`"},
      {R"({"subject":"S","html":"h","text":"{{#credits}}"})", "/text", "is not closed"},
      {R"({"subject":"S","html":"h","text":"{{credits"})", "/text", "has no `}}`"},
      {R"({"subject":"","html":"h","text":"t"})", "/subject", "must not be empty"},
      {R"({"subject":"S","text":"t"})", "/html", "must not be empty"},
      {R"({"subject":"S","html":"h"})", "/text", "must not be empty"},
      {R"({"subject":"S","html":"<p title={{packageName}}>","text":"t"})", "/html", "in a quoted attribute"},
      {R"({"subject":"S","html":"<a href=\"{{packageName}}\">x</a>","text":"t"})", "/html", "an address is"},
  };
  for (const auto& [body, pointer, rule] : cases) {
    const auto refused = boss().put(path, body);
    EXPECT_EQ(422, refused.status()) << body;
    EXPECT_EQ("invalid_template", text_at(refused.response.body, "/code")) << body;
    EXPECT_EQ(pointer, text_at(refused.response.body, "/errors/0/pointer")) << body;
    EXPECT_THAT(text_at(refused.response.body, "/errors/0/detail"), HasSubstr(rule)) << body;
  }
  const auto without = boss().put(
      "/api/notification-templates/invitation/email/en",
      R"({"subject":"S","html":"h","text":"{{invitationUrl}}"})"
  );
  EXPECT_EQ("/html", text_at(without.response.body, "/errors/0/pointer")) << without.response.body;
  EXPECT_EQ("0", sql("SELECT count(*) FROM notification_templates"));
}

TEST_F(WordingsTest, ThereAreNoOthers) {
  for (const auto* unknown :
       {"nothing/email/en",
        "invitation/pigeon/en",
        "invitation/email/english",
        "invitation/email/EN",
        "invitation/email/en-gb",
        "invitation/webhook/en"}) {
    const auto answer = boss().get(std::string("/api/notification-templates/") + unknown);
    EXPECT_EQ(404, answer.status()) << unknown;
    EXPECT_EQ("template_unknown", text_at(answer.response.body, "/code")) << unknown;
  }
}

TEST_F(WordingsTest, APreviewShowsThatHostileValuesAreHarmless) {
  const auto usual = boss().post(std::string(path) + "/preview", "{}");
  ASSERT_EQ(200, usual.status()) << usual.response.body;
  EXPECT_THAT(text_at(usual.response.body, "/html"), AllOf(HasSubstr("&lt;b&gt;"), Not(HasSubstr("<b>"))));
  const auto given = boss().post(
      std::string(path) + "/preview",
      R"({"subject":"Hi {{entityName}}","variables":{"credits":"5","entityName":"<script>\r\nBcc: x {{credits}} \u202e"}})"
  );
  ASSERT_EQ(200, given.status()) << given.response.body;
  EXPECT_EQ("Hi <script> Bcc: x {{credits}} ", text_at(given.response.body, "/subject"));
  EXPECT_THAT(
      text_at(given.response.body, "/html"),
      AllOf(
          HasSubstr("purchased 5 credits for &lt;script&gt; Bcc: x {{credits}} ."), Not(HasSubstr("<script>"))
      )
  );
  EXPECT_EQ("0", sql("SELECT count(*) FROM notification_templates")) << "nothing is stored";
  const auto flaw = boss().post(std::string(path) + "/preview", R"({"text":"{{x}}"})");
  EXPECT_EQ("invalid_template", text_at(flaw.response.body, "/code")) << flaw.response.body;
  const auto unknown = boss().post(std::string(path) + "/preview", R"({"variables":{"x":"y"}})");
  EXPECT_EQ("/variables/x", text_at(unknown.response.body, "/errors/0/pointer")) << unknown.response.body;
}

/// What `TheNearestLanguageIsSent…` is sent.
TEST_F(WordingsTest, APreviewSaysWhatIsSentWhereThatLanguageHasNoWordsOfItsOwn) {
  const std::string austrian = "/api/notification-templates/creditPurchase/email/de-AT";
  word("en", "Thanks");
  word("de", "Danke");
  EXPECT_THAT(
      boss().get(austrian).response.body,
      AllOf(HasSubstr(R"("custom":false,"version":0)"), HasSubstr("Danke {{credits}}"))
  );
  const auto seen = boss().post(austrian + "/preview", R"({"variables":{"credits":"5"}})");
  EXPECT_EQ("Danke 5", text_at(seen.response.body, "/subject")) << seen.response.body;
  word("de-AT", "Servus");
  EXPECT_THAT(boss().remove(austrian).response.body, HasSubstr("Danke {{credits}}")) << "is said from now on";
  EXPECT_EQ(200, boss().remove("/api/notification-templates/creditPurchase/email/de").status());
  EXPECT_EQ(
      "Thanks 5",
      text_at(
          boss().post(austrian + "/preview", R"({"variables":{"credits":"5"}})").response.body, "/subject"
      )
  );
}

TEST_F(WordingsTest, ATemplateIsTriedWithMadeUpValues) {
  word("en", "Thanks for");
  const auto tried = boss().post(std::string(path) + "/test", R"({"to":"me@elsewhere.test"})");
  ASSERT_EQ(202, tried.status()) << tried.response.body;
  ASSERT_TRUE(all_done());
  EXPECT_THAT(mails().only_to("me@elsewhere.test"), HasSubstr("Subject: Thanks for 5000"));
  EXPECT_EQ(
      "sent",
      sql("SELECT status FROM notifications WHERE notification_id = '" +
          text_at(tried.response.body, "/notificationId") + "'")
  );
  EXPECT_EQ(
      "invalid_email",
      text_at(boss().post(std::string(path) + "/test", R"({"to":"me"})").response.body, "/code")
  );
}

/// W-33: nobody is bombed with mail.
TEST_F(WordingsTest, TriesAreFew) {
  auto client = boss();
  int refused = 0;
  for (int i = 0; i < 22; ++i) {
    const auto tried = client.post(std::string(path) + "/test", R"({"to":"me@elsewhere.test"})");
    if (tried.status() == 202) continue;
    ++refused;
    EXPECT_EQ(429, tried.status()) << tried.response.body;
    EXPECT_NE("", tried.response.header("retry-after"));
  }
  EXPECT_EQ(2, refused);
}

TEST_F(WordingsTest, NothingIsSentToWhoIsSuppressed) {
  auto client = boss();
  const auto added = client.post("/api/suppressions", R"({"channel":"email","recipient":"org@acme.test"})");
  ASSERT_EQ(201, added.status()) << added.response.body;
  EXPECT_THAT(added.response.body, AllOf(HasSubstr(R"("reason":"manual")"), Not(HasSubstr("rg@acme.test"))));
  buy();
  ASSERT_TRUE(all_done());
  EXPECT_EQ("suppressed", sql("SELECT status FROM notifications WHERE recipient = 'org@acme.test'"));
  const auto id = text_at(added.response.body, "/suppressionId");
  ASSERT_EQ(200, client.remove("/api/suppressions/" + id).status());
  EXPECT_EQ("suppression_unknown", text_at(client.remove("/api/suppressions/" + id).response.body, "/code"));
  buy();
  ASSERT_TRUE(all_done());
  EXPECT_EQ(1u, mails().size());
}

/// R-I 4.4: an administrator lifts what bounced, and what administrators forbade.
TEST_F(WordingsTest, WhatARecipientWishedIsTheirsToLift) {
  auto client = boss();
  const auto id_of = [&](const std::string& reason) {
    return text_at(
        items_at(client.get("/api/suppressions?reason=" + reason).response.body, "/suppressions").at(0),
        "/suppressionId"
    );
  };
  for (const auto* reason : {"optout", "complaint", "bounce"})
    sql(std::string("INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, "
                    "recipient_masked, reason) SELECT gen_random_uuid(), tenant_id, 'email', sha256('") +
        reason + "@acme.test'), 'x***', '" + reason + "' FROM tenants");
  for (const auto* reason : {"optout", "complaint"}) {
    const auto kept = client.remove("/api/suppressions/" + id_of(reason));
    EXPECT_EQ(403, kept.status()) << kept.response.body;
    EXPECT_EQ("insufficient_role", text_at(kept.response.body, "/code"));
    EXPECT_THAT(text_at(kept.response.body, "/detail"), HasSubstr(reason));
    const auto again = client.post(
        "/api/suppressions",
        std::string(R"({"channel":"email","recipient":")") + reason +
            R"(@acme.test","until":"2100-01-01T00:00:00Z"})"
    );
    EXPECT_EQ(201, again.status()) << again.response.body;
    EXPECT_EQ(reason, text_at(again.response.body, "/reason")) << "it stays as it is";
    EXPECT_THAT(again.response.body, HasSubstr(R"("until":null)"));
  }
  EXPECT_EQ(200, client.remove("/api/suppressions/" + id_of("bounce")).status());
  sql("UPDATE suppressions SET until = clock_timestamp() - interval '1 hour'");
  EXPECT_EQ(200, client.remove("/api/suppressions/" + id_of("optout")).status()) << "it is over";
}

TEST_F(WordingsTest, SuppressionsAreListedPageByPage) {
  auto client = boss();
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(
        201,
        client
            .post(
                "/api/suppressions",
                R"({"channel":"email","recipient":"p)" + std::to_string(i) + R"(@acme.test"})"
            )
            .status()
    );
  ASSERT_EQ(
      201, client.post("/api/suppressions", R"({"channel":"sms","recipient":"+1 (415) 555-0123"})").status()
  );
  ASSERT_EQ(201, client.post("/api/suppressions", R"({"channel":"sms","recipient":"+14155550123"})").status())
      << "the same once more: it is replaced";
  std::size_t seen = 0;
  std::string next = "/api/suppressions?limit=2";
  for (int pages = 0; !next.empty() && pages < 9; ++pages) {
    const auto page = client.get(next).response.body;
    seen += items_at(page, "/suppressions").size();
    const auto cursor = text_at(page, "/nextCursor");
    next = cursor.empty() ? "" : "/api/suppressions?limit=2&cursor=" + cursor;
  }
  EXPECT_EQ(6u, seen);
  EXPECT_EQ(1u, items_at(client.get("/api/suppressions?channel=sms").response.body, "/suppressions").size());
  EXPECT_EQ(
      0u, items_at(client.get("/api/suppressions?reason=bounce").response.body, "/suppressions").size()
  );
  EXPECT_EQ(
      "invalid_phone",
      text_at(
          client.post("/api/suppressions", R"({"channel":"sms","recipient":"0123"})").response.body, "/code"
      )
  );
  EXPECT_EQ(
      "validation_failed",
      text_at(
          client
              .post(
                  "/api/suppressions",
                  R"({"channel":"email","recipient":"a@b.test","until":"2020-01-01T00:00:00Z"})"
              )
              .response.body,
          "/code"
      )
  );
}

TEST_F(WordingsTest, OnlyATenantsAdministratorsMay) {
  auto other = service.client(text_at(service.sign_in("org@acme.test", password), "/accessToken"));
  EXPECT_EQ(403, other.get("/api/notification-templates").status());
  EXPECT_EQ(403, other.put(path, said("Mine")).status());
  EXPECT_EQ(403, other.get("/api/suppressions").status());
}

} // namespace tessera::test
