// The mails of invitations, and what other systems got wrong with them (docs/invitations-weaknesses.md).
#include "tests/api/invitation_world.hpp"
#include "tests/api/mailbox.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr milliseconds patience{20'000};

class InvitationMailsTest : public testing::Test {
protected:
  std::string status_of(const std::string& invitation) {
    return world.sql(
        "SELECT status FROM notifications WHERE ref_type = 'invitation' AND ref_id = '" + invitation + "'"
    );
  }
  bool becomes(const std::string& invitation, const std::string& status) {
    return wait_until(patience, [&] { return status_of(invitation) == status; });
  }
  mailbox mails() { return mailbox(world.service.spool()); }
  std::string read(const std::string& invitation) {
    return world.client_of("admin").get("/api/invitations/" + invitation).response.body;
  }

  invitation_world& world = invitation_world::instance();
};

} // namespace

TEST_F(InvitationMailsTest, W29WhatPeopleWriteIsTextInAMail) {
  const auto email = world.address();
  world.sql("UPDATE tenants SET branding = branding || jsonb_build_object('displayName', '<b>Acme</b> & Co') "
            "WHERE id = 'acme'");
  const auto made = world.invite(
      "admin", email, R"(,"message":"Hi <script>alert(1)</script> {{invitationUrl}} 'quoted' `ticked`")"
  );
  world.sql("UPDATE tenants SET branding = branding - 'displayName' WHERE id = 'acme'");
  ASSERT_EQ(201, made.status()) << made.response.body;
  ASSERT_TRUE(becomes(text_at(made.response.body, "/invitationId"), "sent"));
  const auto mail = unquoted(mails().only_to(email));
  const auto html = mail.substr(mail.find("<!doctype html>"));
  EXPECT_THAT(html, AllOf(Not(HasSubstr("<script")), HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;")));
  EXPECT_THAT(html, HasSubstr("{{invitationUrl}} &#39;quoted&#39; &#96;ticked&#96;"))
      << "a value is no template";
  EXPECT_THAT(mail.substr(0, mail.find("<!doctype html>")), HasSubstr("Hi <script>alert(1)</script>"))
      << "text stays text";
}

TEST_F(InvitationMailsTest, W31NothingInANameMakesAnotherHeaderOfASubject) {
  const auto email = world.address();
  world.sql("UPDATE tenants SET branding = branding || jsonb_build_object('displayName',"
            " E'A\\r\\nBcc: b@c.test {{role}} \\u202ee') WHERE id = 'acme'");
  const auto made = world.invite("admin", email);
  EXPECT_EQ(201, made.status()) << made.response.body;
  EXPECT_TRUE(becomes(text_at(made.response.body, "/invitationId"), "sent"));
  world.sql("UPDATE tenants SET branding = branding - 'displayName' WHERE id = 'acme'");
  const auto mail = mails().only_to(email);
  EXPECT_THAT(mail, HasSubstr("\nSubject: You're invited to join A Bcc: b@c.test {{role}} e\r\n"));
  EXPECT_THAT(mail, Not(HasSubstr("\nBcc:")));
}

TEST_F(InvitationMailsTest, W43NoMailIsSentAfterACancellation) {
  // What is written is not sent: nobody dispatches until the invitation is cancelled.
  world.sql("CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " NEW.next_attempt_at = clock_timestamp() + interval '1 hour'; RETURN NEW; END $$");
  world.sql("CREATE TRIGGER later BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION later()");
  const auto email = world.address();
  const auto made = world.invited(email);
  const bool waits = becomes(made.id, "queued");
  world.sql("DROP TRIGGER later ON notifications");
  world.sql("DROP FUNCTION later()");
  ASSERT_TRUE(waits);
  EXPECT_EQ("queued", text_at(read(made.id), "/delivery/email")) << "what was not sent is not called sent";
  EXPECT_EQ(200, world.client_of("admin").remove("/api/invitations/" + made.id).status());
  world.sql("UPDATE notifications SET next_attempt_at = clock_timestamp() WHERE ref_id = '" + made.id + "'");
  ASSERT_TRUE(becomes(made.id, "skipped"));
  EXPECT_THROW(mails().only_to(email), std::runtime_error);
}

TEST_F(InvitationMailsTest, W43AnOlderMailIsNotSentOnceANewerOneIsDue) {
  const auto email = world.address();
  const auto made = world.invited(email);
  ASSERT_TRUE(becomes(made.id, "sent"));
  world.sql(
      "UPDATE notifications SET status = 'queued', ref_generation = 0 WHERE ref_id = '" + made.id + "'"
  );
  ASSERT_TRUE(becomes(made.id, "skipped"));
  EXPECT_NO_THROW(mails().only_to(email)) << "the one that was sent before";
}

} // namespace tessera::test
