// What is known of somebody, and that it be forgotten: at once, or some time after the end.
#include "tests/api/invitation_world.hpp"
#include "tests/api/mailbox.hpp"

#include <gmock/gmock.h>

namespace tessera::test {

namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr milliseconds patience{30'000};

class PrivacyTest : public testing::Test {
protected:
  invitation_world& world = invitation_world::instance();
  const std::string email = world.address();
  const std::string name = "Zebedee" + email.substr(6, email.find('@') - 6);

  invitation_world::made invited() const {
    return world.invited(
        email,
        R"(,"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}],"message":"Hello )" +
            name + "\""
    );
  }
  http_exchange erase(const std::string& by = "admin") const {
    return world.client_of(by).post("/api/privacy/erase", R"({"email":")" + email + "\"}");
  }
  http_exchange exported(const std::string& by = "admin") const {
    return world.client_of(by).get("/api/privacy/export?email=" + email);
  }
  bool is_sent(const std::string& kind, const std::string& about) const {
    return world.sql(
               "SELECT count(*) FROM notifications WHERE kind = '" + kind +
               "' AND status IN ('sent', 'skipped') AND (ref_id = '" + about + "' OR recipient = '" + about +
               "')"
           ) != "0";
  }
  void set(const std::string& invitation, const std::string& what) const {
    world.sql("UPDATE user_invitations SET " + what + " WHERE invitation_id = '" + invitation + "'");
  }
};

} // namespace

TEST_F(PrivacyTest, ErasingForgetsWhomInvitationsWereForAndKeepsTheCounts) {
  const auto first = invited();
  ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.created", first.id); }));
  ASSERT_EQ(world.look_up(first.token).status(), 200);
  ASSERT_EQ(
      world.service.client()
          .post("/api/invitations/decline", R"({"token":")" + first.token + R"(","reason":")" + name + "\"}")
          .status(),
      200
  );
  const auto open = invited();
  auto by = world.client_of("admin");
  const header_list key{{"Idempotency-Key", "edit-" + email}};
  ASSERT_EQ(by.put("/api/invitations/" + open.id, R"({"firstName":")" + name + "\"}", key).status(), 200);
  const auto made = world.sql("SELECT count(*) FROM user_invitations");

  const auto erased = erase();

  ASSERT_EQ(erased.status(), 200) << erased.response.body;
  EXPECT_EQ(integer_at(erased.response.body, "/invitations"), 2);
  EXPECT_EQ(world.sql("SELECT count(*) FROM user_invitations"), made);
  EXPECT_EQ(world.status_of(first.id), "declined");
  EXPECT_EQ(world.status_of(open.id), "cancelled");
  for (const std::string table :
       {"user_invitations",
        "invitation_assignments",
        "invitation_activities",
        "notifications",
        "outbox",
        "idempotency_answers"}) {
    const auto rows = world.sql("SELECT coalesce(string_agg(t::text, ' '), '') FROM " + table + " t");
    EXPECT_THAT(
        rows, AllOf(Not(HasSubstr(email + ",")), Not(HasSubstr(email + "\"")), Not(HasSubstr(name + " ")))
    ) << table;
    EXPECT_THAT(rows, AllOf(Not(HasSubstr(name + "\"")), Not(HasSubstr(name + ",")))) << table;
  }
  EXPECT_EQ(
      world.sql(
          "SELECT count(*) FROM user_invitations WHERE octet_length(email_sha256) = 32 AND invitation_id IN "
          "('" +
          first.id + "','" + open.id + "')"
      ),
      "2"
  );
  EXPECT_THAT(
      world.activities(first.id), AllOf(Contains("viewed"), Contains("declined"), Contains("erased"))
  );
  expect_problem(world.accept(open.token), 410, "invitation_cancelled");
}

TEST_F(PrivacyTest, ActivitiesAreStillOnlyAdded) {
  const auto made = invited();
  ASSERT_EQ(erase().status(), 200);

  EXPECT_ANY_THROW(
      world.sql("UPDATE invitation_activities SET network = '' WHERE invitation_id = '" + made.id + "'")
  );
  EXPECT_ANY_THROW(world.sql("DELETE FROM invitation_activities WHERE invitation_id = '" + made.id + "'"));
}

TEST_F(PrivacyTest, ExportsWhatIsKnown) {
  const auto made = invited();
  ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.created", made.id); }));
  ASSERT_EQ(world.accept(made.token).status(), 200);

  const auto known = exported();

  ASSERT_EQ(known.status(), 200) << known.response.body;
  EXPECT_EQ(text_at(known.response.body, "/invitations/0/invitationId"), made.id);
  EXPECT_EQ(text_at(known.response.body, "/invitations/0/activities/0/activityType"), "created");
  EXPECT_EQ(text_at(known.response.body, "/user/email"), email);
  EXPECT_EQ(text_at(known.response.body, "/messages/0/kind"), "invitation.created");
  EXPECT_EQ(text_at(known.response.body, "/consents/0/termsVersion"), "1");
  EXPECT_THAT(known.response.body, Not(HasSubstr("tsi_")));
}

TEST_F(PrivacyTest, OnlyATenantAdminAndOnlyOfTheTenant) {
  const auto made = invited();

  for (const std::string who : {"org_admin", "manager", "member"}) {
    expect_problem(erase(who), 403, "insufficient_role");
    expect_problem(exported(who), 403, "insufficient_role");
  }
  EXPECT_EQ(integer_at(erase("stranger").response.body, "/invitations"), 0);
  EXPECT_EQ(size_at(exported("stranger").response.body, "/invitations"), 0u);
  EXPECT_EQ(world.status_of(made.id), "pending");
  expect_problem(world.client_of("admin").get("/api/privacy/export"), 422, "required");
}

TEST_F(PrivacyTest, WhatEndedLongAgoIsForgottenByItself) {
  const auto old = invited();
  ASSERT_EQ(world.client_of("admin").remove("/api/invitations/" + old.id).status(), 200);
  const auto pending = world.invited(world.address());
  set(old.id, "expires_at = clock_timestamp() - interval '91 days'");
  const auto recent = world.invited(world.address());
  ASSERT_EQ(world.client_of("admin").remove("/api/invitations/" + recent.id).status(), 200);
  set(recent.id, "expires_at = clock_timestamp() - interval '89 days'");
  const auto is_erased = [&](const std::string& id) {
    return world.sql(
               "SELECT erased_at IS NOT NULL FROM user_invitations WHERE invitation_id = '" + id + "'"
           ) == "t";
  };

  EXPECT_TRUE(wait_until(patience, [&] { return is_erased(old.id); }));

  EXPECT_FALSE(is_erased(recent.id));
  EXPECT_FALSE(is_erased(pending.id));
  EXPECT_EQ(world.sql("SELECT email FROM user_invitations WHERE invitation_id = '" + old.id + "'"), "");
}

/// As they wrote it: with capitals, and the domain in letters that no server is named with.
TEST_F(PrivacyTest, ErasingFindsAnAddressHoweverItIsWritten) {
  const auto local = "Zoe" + name;
  const auto written = local + "@Bücher.test";
  auto by = world.client_of("admin");
  const header_list key{{"Idempotency-Key", "cancel-" + email}};
  const auto made = world.invited(written);
  ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.created", made.id); }));
  const auto hash = "sha256(convert_to('" + local + "@xn--bcher-kva.test', 'UTF8'))";
  world.sql(
      "INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, recipient_masked, "
      "reason)"
      " SELECT gen_random_uuid(), tenant_id, 'email', " +
      hash + ", 'Z***@', 'bounce' FROM tenants WHERE id = 'acme'"
  );
  const auto cancelled = by.remove("/api/invitations/" + made.id, key);
  ASSERT_THAT(cancelled.response.body, HasSubstr(local));
  const auto lower = "zoe" + name + "@xn--bcher-kva.test";
  const auto known = by.get("/api/privacy/export?email=" + lower).response.body;
  EXPECT_EQ(text_at(known, "/messages/0/kind"), "invitation.created") << known;

  ASSERT_EQ(by.post("/api/privacy/erase", R"({"email":")" + lower + "\"}").status(), 200);

  for (const std::string table :
       {"user_invitations", "notifications", "idempotency_answers", "invitation_assignments"})
    EXPECT_EQ(
        world.sql(
            "SELECT count(*) FROM " + table + " t WHERE strpos(lower(t::text), lower('" + local + "')) > 0"
        ),
        "0"
    ) << table;
  EXPECT_EQ(world.sql("SELECT recipient_masked FROM suppressions WHERE recipient_sha256 = " + hash), "");
}

namespace {

std::string file_of(const std::string& email, const std::string& name) {
  return R"([{"email":")" + email + R"(","firstName":")" + name +
         R"(","entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}]}])";
}

} // namespace

TEST_F(PrivacyTest, WhatAFileSaysOfSomebodyIsExportedAndErased) {
  auto by = world.client_of("admin");
  const auto job = text_at(by.post("/api/invitations/bulk", file_of(email, name)).response.body, "/jobId");
  const auto read = [&] { return by.get("/api/invitations/bulk/" + job).response.body; };
  ASSERT_TRUE(wait_until(patience, [&] { return text_at(read(), "/status") == "completed"; }));

  const auto known = exported();

  EXPECT_EQ(text_at(known.response.body, "/bulkRows/0/jobId"), job) << known.response.body;
  EXPECT_EQ(text_at(known.response.body, "/bulkRows/0/firstName"), name);
  EXPECT_EQ(text_at(known.response.body, "/bulkRows/0/status"), "invited");
  ASSERT_EQ(erase().status(), 200);
  EXPECT_EQ(
      world.sql(
          "SELECT count(*) FROM invitation_job_rows r WHERE strpos(r::text, '" + name +
          "') > 0 OR strpos(r::text, '" + email + "') > 0"
      ),
      "0"
  );
  EXPECT_EQ(text_at(read(), "/rows/0/status"), "invited") << "what became of the row stays";
  EXPECT_EQ(text_at(read(), "/rows/0/email"), "");
}

/// Nobody is invited by a file after they asked to be forgotten.
TEST_F(PrivacyTest, ARowThatWaitsInvitesNobodyWhoWasErased) {
  auto by = world.client_of("admin");
  const auto job = text_at(by.post("/api/invitations/bulk", file_of(email, name)).response.body, "/jobId");
  const auto read = [&] { return by.get("/api/invitations/bulk/" + job).response.body; };
  ASSERT_TRUE(wait_until(patience, [&] { return text_at(read(), "/status") == "completed"; }));
  // As it is while the limits let it wait.
  const auto of_job = " WHERE job_id = '" + job + "'";
  world.sql("UPDATE invitation_job_rows SET state = 1, invitation_id = NULL" + of_job);
  world.sql("UPDATE invitation_jobs SET state = 2, finished_at = NULL" + of_job);

  ASSERT_EQ(erase().status(), 200);
  ASSERT_EQ(by.post("/api/invitations/bulk/" + job + "/resume", "").status(), 200);

  ASSERT_TRUE(wait_until(patience, [&] { return text_at(read(), "/status") == "completed"; }));
  EXPECT_EQ(text_at(read(), "/rows/0/status"), "skipped");
  EXPECT_EQ(world.sql("SELECT count(*) FROM user_invitations WHERE email = '" + email + "'"), "0");
}

TEST_F(PrivacyTest, AFileThatWasDoneWithLongAgoIsForgottenByItself) {
  auto by = world.client_of("admin");
  const auto job = text_at(by.post("/api/invitations/bulk", file_of(email, name)).response.body, "/jobId");
  ASSERT_TRUE(wait_until(patience, [&] {
    return text_at(by.get("/api/invitations/bulk/" + job).response.body, "/status") == "completed";
  }));

  world.sql(
      "UPDATE invitation_jobs SET finished_at = finished_at - interval '91 days' WHERE job_id = '" + job + "'"
  );

  EXPECT_TRUE(wait_until(patience, [&] {
    return world.sql(
               "SELECT count(*) FROM invitation_job_rows WHERE email = '' AND first_name = '' AND job_id = "
               "'" +
               job + "'"
           ) == "1";
  }));
}

/// "  has joined Acme" helps nobody.
TEST_F(PrivacyTest, WhatWouldNameNobodyIsNotSent) {
  const auto made = invited();
  ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.created", made.id); }));
  ASSERT_EQ(world.accept(made.token).status(), 200);
  ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.accepted", made.id); }));
  // As they are before they are sent.
  world.sql(
      "UPDATE notifications SET status = 'queued', next_attempt_at = clock_timestamp() + interval '1 hour'"
      " WHERE kind = 'invitation.accepted' AND user_id IS NOT NULL AND ref_id = '" +
      made.id + "'"
  );

  ASSERT_EQ(erase().status(), 200);

  EXPECT_EQ(
      world.sql(
          "SELECT string_agg(DISTINCT status, ' ') FROM notifications WHERE kind = 'invitation.accepted' AND"
          " user_id IS NOT NULL AND ref_id = '" +
          made.id + "'"
      ),
      "skipped"
  );
}

TEST_F(PrivacyTest, WhoeverWasErasedAsksForNoNewInvitation) {
  const auto made = invited();
  set(made.id, "expires_at = clock_timestamp()");
  ASSERT_TRUE(wait_until(patience, [&] { return world.status_of(made.id) == "expired"; }));
  ASSERT_EQ(erase().status(), 200);

  const auto heard =
      world.service.client().post("/api/invitations/request-new", R"({"token":")" + made.token + "\"}");

  EXPECT_EQ(heard.status(), 202) << heard.response.body;
  EXPECT_THAT(world.activities(made.id), Not(Contains("reissue_requested")));
}

TEST_F(PrivacyTest, WhoeverWasInvitedIsRemindedWhereTheInviterWantsIt) {
  const auto reminded = world.invited(
      email,
      R"(,"entityAssignments":[{"entityType":"location","entityId":"loc-1","role":"viewer"}],"sendReminders":true)"
  );
  const auto quiet = world.invited(world.address());
  for (const auto& id : {reminded.id, quiet.id}) // that it was sent is noted when it was
    ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.created", id); }));
  for (const auto& id : {reminded.id, quiet.id})
    set(id, "last_sent_at = last_sent_at - interval '4 days', expires_at = expires_at - interval '4 days'");

  ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.reminded", reminded.id); }));

  EXPECT_NO_THROW(mailbox(world.service.spool()).only_to(email, "is waiting"));
  EXPECT_FALSE(is_sent("invitation.reminded", quiet.id));
  EXPECT_EQ(world.accept(world.token_by("email", reminded.id)).status(), 200)
      << "with the token of the first mail";
}

TEST_F(PrivacyTest, InvitersHearOnceOfAllThatIsOver) {
  const auto inviter = "quiet" + email.substr(0, email.find('@'));
  world.hire(inviter, "location_manager", {"location/loc-1:viewer"});
  std::string ids;
  for (int i = 0; i < 3; ++i)
    ids += (ids.empty() ? "'" : ",'") + world.invited(world.address(), {}, inviter).id + "'";

  world.sql(
      "UPDATE user_invitations SET expires_at = clock_timestamp() - interval '2 hours' WHERE invitation_id "
      "IN (" +
      ids + ")"
  );

  const auto address = inviter + "@acme.test";
  ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.expired_digest", address); }));
  EXPECT_THAT(mailbox(world.service.spool()).only_to(address, "are over"), HasSubstr(": 3"));
}

/// R-I 4.6: notices that something failed are collected for an hour.
TEST_F(PrivacyTest, InvitersHearOnceOfAllThatDidNotArrive) {
  const auto inviter = "absent" + email.substr(0, email.find('@'));
  world.hire(inviter, "location_manager", {"location/loc-1:viewer"});
  std::string ids;
  for (int i = 0; i < 3; ++i) {
    const auto id = world.invited(world.address(), {}, inviter).id;
    ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.created", id); }));
    ids += (ids.empty() ? "'" : ",'") + id + "'";
  }
  const auto digests = [&] {
    return world.sql("SELECT count(*) FROM outbox WHERE kind = 'invitation.undelivered_digest'");
  };
  const auto before = digests();
  world.sql(
      "UPDATE notifications SET status = 'dead', last_error_class = 'permanent_recipient'"
      " WHERE kind = 'invitation.created' AND ref_id IN (" +
      ids + ")"
  );
  EXPECT_EQ(
      "3",
      world.sql(
          "SELECT count(*) FROM user_invitations WHERE undelivered_at IS NOT NULL AND invitation_id IN (" +
          ids + ")"
      )
  );
  EXPECT_EQ(before, digests()) << "not before the hour is over";

  world.sql(
      "UPDATE user_invitations SET undelivered_at = undelivered_at - interval '61 minutes' WHERE "
      "invitation_id "
      "IN (" +
      ids + ")"
  );
  const auto address = inviter + "@acme.test";
  ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.undelivered_digest", address); }));
  EXPECT_THAT(mailbox(world.service.spool()).only_to(address, "did not arrive"), HasSubstr(": 3"));
  EXPECT_EQ(
      "0",
      world.sql(
          "SELECT count(*) FROM user_invitations WHERE undelivered_at IS NOT NULL AND invitation_id IN (" +
          ids + ")"
      )
  ) << "it is told once";
}

/// Whichever channel ends last.
TEST_F(PrivacyTest, WhatArrivedByOneChannelDidArrive) {
  const auto id = world.invited(world.address()).id;
  ASSERT_TRUE(wait_until(patience, [&] { return is_sent("invitation.created", id); }));
  world.sql(
      "INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient, ref_type,"
      " ref_id, ref_generation, status, last_error_class) SELECT gen_random_uuid(), tenant_id, outbox_id, "
      "kind,"
      " 'sms', '+14155550123', ref_type, ref_id, ref_generation, 'dead', 'permanent_recipient'"
      " FROM notifications WHERE kind = 'invitation.created' AND ref_id = '" +
      id + "'"
  );
  EXPECT_EQ(
      "sent bounced true",
      world.sql(
          "SELECT concat_ws(' ', email_delivery, sms_delivery, CASE WHEN undelivered_at IS NULL THEN 'true' "
          "ELSE"
          " 'false' END) FROM user_invitations WHERE invitation_id = '" +
          id + "'"
      )
  );
}

} // namespace tessera::test
