// POST /api/invitations/bulk: many at once, each as a call of its own.
#include "tests/api/invitation_world.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tessera::test {

namespace {

constexpr milliseconds patience{60'000};
constexpr const char* route = "/api/invitations/bulk";

class BulkInvitationsTest : public testing::Test {
protected:
  static invitation_world& world() { return invitation_world::instance(); }

  static std::string array_of(const std::vector<std::string>& bodies) {
    std::string all;
    for (const auto& each : bodies)
      all += (all.empty() ? "" : ",") + each;
    return "[" + all + "]";
  }
  static std::string body(const std::string& email, const std::string& more = {}) {
    return invitation_world::invitation(email, more);
  }
  http_exchange
  submit(const std::string& content, const std::string& query = {}, const header_list& with = {}) {
    return admin.post(route + query, content, with);
  }
  http_exchange submit_csv(const std::string& content, const std::string& query = {}) {
    return admin.post(route + query, content, {{"Content-Type", "text/csv"}});
  }
  static std::string job_of(const http_exchange& answer) {
    EXPECT_EQ(answer.status(), 202) << answer.response.body;
    return text_at(answer.response.body, "/jobId");
  }
  std::string shown(const std::string& job, const std::string& query = {}) {
    return admin.get(std::string(route) + "/" + job + query).response.body;
  }
  std::string finished(const std::string& job) {
    std::string told;
    EXPECT_TRUE(wait_until(patience, [&] {
      told = shown(job, "?limit=100");
      const auto status = text_at(told, "/status");
      return status == "completed" || status == "failed" || status == "cancelled";
    })) << told;
    return told;
  }
  static std::int64_t count(const std::string& told, const std::string& state) {
    return integer_at(told, "/counts/" + state).value_or(-1);
  }
  static std::string code_of_row(const std::string& told, int row) {
    return text_at(told, "/rows/" + std::to_string(row) + "/problem/code");
  }
  std::string made(const std::string& email) {
    return world().sql("SELECT count(*) FROM user_invitations WHERE email = '" + email + "'");
  }

  const std::string one = world().address();
  const std::string two = world().address();
  const std::string three = world().address();
  http_client admin = world().client_of("admin");
};

} // namespace

TEST_F(BulkInvitationsTest, EachRowIsAsACallOfItsOwn) {
  const auto job = job_of(submit(array_of(
      {body(one),
       body("no address"),
       body(two, R"(,"nobodyKnows":1)"),
       body(two, R"(,"entityAssignments":[{"entityType":"location","entityId":"nowhere","role":"viewer"}])"),
       body("ADMIN@acme.test"),
       body(three),
       body(three)}
  )));

  const auto told = finished(job);

  EXPECT_EQ(text_at(told, "/status"), "completed");
  EXPECT_EQ(integer_at(told, "/total"), 7);
  EXPECT_EQ(integer_at(told, "/done"), 7);
  EXPECT_EQ(count(told, "invited"), 2);
  EXPECT_EQ(count(told, "refused"), 5);
  EXPECT_EQ(text_at(told, "/rows/0/status"), "invited");
  EXPECT_EQ(code_of_row(told, 1), "invalid_email");
  EXPECT_EQ(text_at(told, "/rows/1/problem/errors/0/pointer"), "/email");
  EXPECT_EQ(code_of_row(told, 2), "unknown_field");
  EXPECT_EQ(code_of_row(told, 3), "entity_unknown");
  EXPECT_EQ(code_of_row(told, 4), "self_invitation");
  EXPECT_EQ(code_of_row(told, 6), "invitation_already_pending");
  const auto id = text_at(told, "/rows/0/invitationId");
  EXPECT_EQ(world().status_of(id), "pending");
  EXPECT_EQ(world().accept(world().token_by("email", id)).status(), 200);
  EXPECT_EQ(told.find("tsi_"), told.npos) << "no token is in any read (W-07)";
}

TEST_F(BulkInvitationsTest, W01NobodyInvitesAboveThemselvesByAFile) {
  auto manager = world().client_of("manager");
  const auto answer =
      manager.post(route, array_of({body(one, R"(,"role":"organization_admin")"), body(two)}));
  const auto job = job_of(answer);
  std::string told;
  EXPECT_TRUE(wait_until(patience, [&] {
    told = manager.get(std::string(route) + "/" + job).response.body;
    return text_at(told, "/status") == "completed";
  }));

  EXPECT_EQ(code_of_row(told, 0), "role_not_grantable");
  EXPECT_EQ(text_at(told, "/rows/1/status"), "invited");
  expect_problem(
      world().client_of("org_admin").get(std::string(route) + "/" + job), 404, "invitation_not_found"
  );
  EXPECT_EQ(admin.get(std::string(route) + "/" + job).status(), 200) << "those of the whole tenant see it";
  expect_problem(world().client_of("member").post(route, "[]"), 403, "insufficient_role");
}

TEST_F(BulkInvitationsTest, ADryRunInvitesNobody) {
  const auto told = finished(job_of(submit(array_of({body(one), body("ADMIN@acme.test")}), "?dryRun=true")));

  EXPECT_EQ(boolean_at(told, "/dryRun"), true);
  EXPECT_EQ(text_at(told, "/rows/0/status"), "valid");
  EXPECT_EQ(code_of_row(told, 1), "self_invitation");
  EXPECT_EQ(made(one), "0");
  EXPECT_EQ(world().sql("SELECT count(*) FROM outbox WHERE payload::text LIKE '%" + one + "%'"), "0");
}

TEST_F(BulkInvitationsTest, AllOrNothingIsJustThat) {
  const auto failed =
      finished(job_of(submit(array_of({body(one), body(two), body(one)}), "?mode=all_or_nothing")));
  EXPECT_EQ(text_at(failed, "/status"), "failed");
  EXPECT_EQ(code_of_row(failed, 2), "invitation_already_pending");
  EXPECT_EQ(count(failed, "skipped"), 2);
  EXPECT_EQ(made(one) + made(two), "00");

  const auto unread = finished(job_of(submit(array_of({body(one), body("x")}), "?mode=all_or_nothing")));
  EXPECT_EQ(text_at(unread, "/status"), "failed");
  EXPECT_EQ(made(one), "0");

  const auto tried =
      finished(job_of(submit(array_of({body(one), body(two)}), "?mode=all_or_nothing&dryRun=true")));
  EXPECT_EQ(count(tried, "valid"), 2);
  EXPECT_EQ(made(one), "0");

  const auto done = finished(job_of(submit(array_of({body(one), body(two)}), "?mode=all_or_nothing")));
  EXPECT_EQ(text_at(done, "/status"), "completed");
  EXPECT_EQ(made(one) + made(two), "11");
}

/// All of it is locked to the end, so two files of the same people take them in one order.
TEST_F(BulkInvitationsTest, AllOrNothingGoesByThePeopleNotByTheFile) {
  const auto told = finished(job_of(submit(
      array_of({body("c" + one), body("a+x" + one), body("b" + one), body("a" + one)}), "?mode=all_or_nothing"
  )));

  EXPECT_EQ(text_at(told, "/status"), "completed") << told;
  EXPECT_EQ(
      world().sql(
          "SELECT string_agg(split_part(email, '" + one +
          "', 1), ' ' ORDER BY created_at) FROM user_invitations WHERE email LIKE '%" + one + "'"
      ),
      "a+x a b c"
  );
}

TEST_F(BulkInvitationsTest, W46AFileOfASpreadsheetIsReadAndFormulasAreNot) {
  const auto told = finished(job_of(submit_csv(
      "\xef\xbb\xbf"
      "email,firstName,lastName,entityAssignments,applicationAccess,expiryHours,sendNotification\r\n" +
      one +
      ",\"Doe, \"\"Jo\"\"\",O'Neil,location/loc-1:viewer;organization/org-1:editor,crm;hr,24,false\r\n" +
      two + ",=cmd|' /C calc'!A0,Lee,location/loc-1,,,\r\n" + two + ",Ann,Lee,location/loc-1\r\n" + two +
      ",Ann,Lee,location/loc-1,,soon,\r\n" + "\r\n" + three + ",Ann,\"Lee\",location/loc-1,,,\n"
  )));

  EXPECT_EQ(integer_at(told, "/total"), 5) << told;
  EXPECT_EQ(count(told, "invited"), 2);
  EXPECT_EQ(code_of_row(told, 1), "formula_cell");
  EXPECT_EQ(text_at(told, "/rows/1/email"), two);
  EXPECT_EQ(code_of_row(told, 2), "wrong_column_count");
  EXPECT_EQ(code_of_row(told, 3), "invalid_type");
  const auto first = admin.get("/api/invitations/" + text_at(told, "/rows/0/invitationId")).response.body;
  EXPECT_EQ(text_at(first, "/firstName"), "Doe, \"Jo\"");
  EXPECT_EQ(size_at(first, "/entityAssignments"), 2u);
  EXPECT_EQ(text_at(first, "/entityAssignments/1/role"), "editor");
  EXPECT_EQ(text_at(first, "/applicationAccess/1"), "hr");
  EXPECT_EQ(integer_at(first, "/expiryHours"), 24);
  EXPECT_EQ(boolean_at(first, "/sendNotification"), false);
}

TEST_F(BulkInvitationsTest, W46ABrokenFileIsRefusedWhole) {
  struct broken {
    std::string content;
    int status;
    const char* code;
  };
  const broken all[] = {
      {"email\n\"a", 400, "malformed_csv"},
      {"email\na\"b", 400, "malformed_csv"},
      {"email\n\xff", 400, "malformed_csv"},
      {"email,password\na,b", 422, "unknown_column"},
      {"email,email\na,b", 422, "duplicate_column"},
      {"firstName\nAnn", 422, "required"},
      {"", 422, "required"},
      {"email\n", 422, "required"}};
  for (const auto& [content, status, code] : all)
    expect_problem(submit_csv(content), status, code);
  expect_problem(submit("[]"), 422, "required");
  expect_problem(submit("{}"), 400, "invalid_type");
  expect_problem(submit("[1]"), 400, "invalid_type");
  expect_problem(submit("["), 400, "invalid_json");
  expect_problem(submit("[{}]", "?mode=some&nobody_knows=1"), 422, "validation_failed");
  std::string many = "email\n";
  for (int i = 0; i <= 10'000; ++i)
    many += "a\n";
  expect_problem(submit_csv(many), 422, "too_many_items");
  std::vector<std::string> more(201, body(one));
  expect_problem(submit(array_of(more), "?mode=all_or_nothing"), 422, "too_many_items");
}

TEST_F(BulkInvitationsTest, StarterCreditsComeWithEachRow) {
  auto ruler = world().service.operator_client();
  ruler.set_header("X-Tenant", "acme");
  ASSERT_EQ(
      ruler
          .post(
              "/api/credits/grants",
              R"({"entityType":"organization","entityId":"org-2","kind":"promo","reason":"r","credits":250})"
          )
          .status(),
      201
  );
  const std::string tail = ",location/loc-2,organization/org-2,location/loc-2,100\n";
  const auto told = finished(job_of(submit_csv(
      "email,entityAssignments,starterFrom,starterTo,starterCredits\n" + one + tail + two + tail + three +
      tail
  )));

  EXPECT_EQ(count(told, "invited"), 2) << told;
  EXPECT_EQ(code_of_row(told, 2), "insufficient_credits");
  EXPECT_EQ(
      integer_at(admin.get("/api/credits/balance/organization/org-2").response.body, "/reservedCredits"), 200
  );
  const auto starter =
      R"(,"entityAssignments":[{"entityType":"location","entityId":"loc-2","role":"viewer"}],)"
      R"("starterCredits":{"fromEntityType":"organization","fromEntityId":"org-2",)"
      R"("toEntityType":"location","toEntityId":"loc-2","credits":1})";
  const auto together = finished(job_of(submit(array_of({body(three, starter)}), "?mode=all_or_nothing")));
  EXPECT_EQ(code_of_row(together, 0), "starter_credits_need_each");
}

TEST_F(BulkInvitationsTest, ARepeatedCallIsTheSameJob) {
  const header_list key{{"Idempotency-Key", "bulk-" + one}};
  const auto first = job_of(submit(array_of({body(one)}), {}, key));

  EXPECT_EQ(job_of(submit(array_of({body(one)}), {}, key)), first);
  expect_problem(submit(array_of({body(two)}), {}, key), 422, "idempotency_key_reused");
  finished(first);
  EXPECT_EQ(made(one), "1");
}

TEST_F(BulkInvitationsTest, AKeyStandsForOneJob) {
  const auto first = job_of(submit(array_of({body("x")})));
  const auto other = job_of(submit(array_of({body("x")})));
  finished(first);
  finished(other);
  world().sql(
      "UPDATE invitation_jobs SET state = 1, finished_at = NULL, resumes_at = clock_timestamp() + interval "
      "'1 "
      "hour' WHERE job_id IN ('" +
      first + "', '" + other + "')"
  );
  for (const std::string how : {"pause", "resume", "cancel"}) {
    const header_list key{{"Idempotency-Key", how + first}};
    const auto steer = [&](const std::string& job) {
      return admin.post(std::string(route) + "/" + job + "/" + how, "", key);
    };
    EXPECT_EQ(steer(first).status(), 200) << how;
    EXPECT_EQ(steer(first).response.header("idempotent-replayed"), "true") << how;
    expect_problem(steer(other), 422, "idempotency_key_reused");
  }
}

TEST_F(BulkInvitationsTest, IsPausedResumedAndCancelled) {
  std::vector<std::string> many;
  for (int i = 0; i < 1'500; ++i)
    many.push_back(body(world().address()));
  const auto job = job_of(submit(array_of(many)));
  const auto steer = [&](const std::string& how) {
    return admin.post(std::string(route) + "/" + job + "/" + how, "");
  };

  ASSERT_EQ(steer("pause").status(), 200);
  const auto before = shown(job);
  EXPECT_EQ(text_at(before, "/status"), "paused");
  // Another one of the same tenant goes on, and this one does not.
  finished(job_of(submit(array_of({body(one)}))));
  EXPECT_EQ(count(shown(job), "invited"), count(before, "invited"));

  ASSERT_EQ(steer("resume").status(), 200);
  EXPECT_TRUE(wait_until(patience, [&] { return count(shown(job), "invited") > count(before, "invited"); }));
  const auto cancelled = steer("cancel");
  ASSERT_EQ(cancelled.status(), 200) << cancelled.response.body;
  EXPECT_EQ(text_at(cancelled.response.body, "/status"), "cancelled");
  EXPECT_EQ(count(cancelled.response.body, "waiting"), 0);
  EXPECT_GT(count(cancelled.response.body, "skipped"), 0);
  EXPECT_EQ(steer("cancel").status(), 200) << "as it was";
  expect_problem(steer("resume"), 409, "invitation_not_pending");
  expect_problem(admin.post(std::string(route) + "/job-nobodys/pause", ""), 404, "invitation_not_found");
}

TEST_F(BulkInvitationsTest, OneThatIsOverIsNotSteered) {
  const auto job = job_of(submit(array_of({body("x")})));
  finished(job);
  for (const std::string how : {"pause", "resume", "cancel"})
    expect_problem(admin.post(std::string(route) + "/" + job + "/" + how, ""), 409, "invitation_not_pending");
}

TEST_F(BulkInvitationsTest, RowsComeInPagesAndByStatus) {
  const auto job = job_of(submit(array_of({body(one), body("x"), body(two)})));
  finished(job);

  const auto first = shown(job, "?limit=2");
  EXPECT_EQ(size_at(first, "/rows"), 2u);
  const auto rest = shown(job, "?limit=2&cursor=" + text_at(first, "/nextCursor"));
  EXPECT_EQ(integer_at(rest, "/rows/0/row"), 3);
  const auto refused = shown(job, "?status=refused");
  EXPECT_EQ(size_at(refused, "/rows"), 1u);
  EXPECT_EQ(integer_at(refused, "/rows/0/row"), 2);
}

/// Limits as they are shipped: what one inviter may send in ten minutes is sent, and the rest waits.
TEST(BulkInvitationLimitsTest, W34AFileGoesAroundNoLimit) {
  invitation_world world("1");
  auto admin = world.client_of("admin");
  std::string rows;
  for (int i = 0; i < 40; ++i)
    rows += (rows.empty() ? "[" : ",") + world.invitation(world.address());
  const auto submitted = admin.post(route, rows + "]");
  ASSERT_EQ(submitted.status(), 202) << submitted.response.body;
  const auto job = std::string(route) + "/" + text_at(submitted.response.body, "/jobId");
  std::string told;
  EXPECT_TRUE(wait_until(patience, [&] {
    told = admin.get(job).response.body;
    return !text_at(told, "/resumesAt").empty();
  })) << told;

  EXPECT_EQ(integer_at(told, "/counts/invited"), 30);
  EXPECT_EQ(integer_at(told, "/counts/waiting"), 10);
  expect_problem(world.invite("admin", world.address()), 429, "rate_limited");
  // When there is room again it goes on by itself, also in another process.
  world.sql("UPDATE user_invitations SET created_at = created_at - interval '11 minutes'");
  world.sql("UPDATE invitation_jobs SET resumes_at = clock_timestamp()");
  tessera_service next({.environment = {}, .database = world.service.database()});
  EXPECT_TRUE(wait_until(patience, [&] {
    return world.sql("SELECT count(*) FROM invitation_job_rows WHERE state = 2") == "40" &&
           world.sql("SELECT state FROM invitation_jobs") == "3";
  }));
  EXPECT_EQ(world.sql("SELECT count(*) FROM user_invitations"), "40");
}

} // namespace tessera::test
