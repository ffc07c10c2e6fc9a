// Whom invitations and files were for is forgotten, some at a time, against a real PostgreSQL; and what is
// counted or found by indexes, however much there is.
#include "actors/timers/invitation_chores.hpp"
#include "persistence/stores/invitation_expiry_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/privacy_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const std::string& database_name() {
  static const auto name = migrated_database();
  return name;
}

class ForgettingTest : public testing::Test {
protected:
  std::string sql(const std::string& statement) {
    return postgres_cluster::shared().query(database_name(), statement);
  }
  /// Cancelled, so many days after its end; and what was answered to whoever made it, just now.
  std::string ended(int days) {
    const auto id = "inv-" + std::to_string(fresh_number());
    insert_invitations("'" + id + "'", "cancelled", -days);
    sql("INSERT INTO idempotency_answers (idempotency_key, tenant_id, fingerprint, status, body)"
        " VALUES (gen_random_uuid(), '" +
        of + R"(', gen_random_uuid(), 201, '{"invitationId":")" + id + R"(","email":"z@acme.test"}'))");
    return id;
  }
  void insert_invitations(const std::string& id, const std::string& status, int days, int many = 1) {
    sql("INSERT INTO user_invitations (tenant_id, invitation_id, invited_by, inviter_kind, email, email_key,"
        " email_canonical, email_person, role, status, expiry_hours, expires_at) SELECT '" +
        of + "', " + id + ", 'boss', 2, e, e, e, e, 1, '" + status +
        "', 168, clock_timestamp() + make_interval(days => " + std::to_string(days) +
        ") FROM generate_series(1, " + std::to_string(many) + ") AS n, (SELECT 'z@acme.test' AS e) AS e");
  }
  /// Of so many rows, that was worked on, and ended if it did, so many days ago.
  std::string job(const std::string& state, int days, int rows = 1) {
    const auto id = "job-" + std::to_string(fresh_number());
    const auto then = "clock_timestamp() - interval '" + std::to_string(days) + " days'";
    sql("INSERT INTO invitation_jobs (tenant_id, job_id, mode, dry_run, state, creator_kind, created_by,"
        " application, request_id, network, browser, created_at, worked_at, finished_at) VALUES ('" +
        of + "', '" + id + "', 1, false, " + state + ", 2, 'boss', '', '', '', '', " + then + ", " + then +
        ", CASE WHEN " + state + " >= 3 THEN " + then + " END)");
    sql("INSERT INTO invitation_job_rows (tenant_id, job_id, number, state, email, email_key, phone, "
        "first_name,"
        " last_name, role, locale, message, expiry_hours, sends, on_conflict) SELECT '" +
        of + "', '" + id +
        "', n, 1, 'Z' || n || '@acme.test', 'z' || n || '@acme.test', '', 'Zoe', '', 1, '',"
        " '', 168, true, 0 FROM generate_series(1, " +
        std::to_string(rows) + ") AS n");
    return id;
  }
  std::string answers_about(const std::string& id) {
    return sql("SELECT count(*) FROM idempotency_answers WHERE body LIKE '%" + id + "%'");
  }
  std::string named_rows_of(const std::string& job) {
    return sql("SELECT count(*) FROM invitation_job_rows WHERE email <> '' AND job_id = '" + job + "'");
  }
  std::int64_t forget_invitees(std::int64_t days) {
    return persistence::forget_old_invitees(writer, days, 100, {}, patience);
  }
  std::int64_t forget_jobs(std::int64_t most) {
    return persistence::forget_old_jobs(writer, 90, most, patience);
  }
  /// How often the index was asked by what is done, where reading the whole table is the last resort.
  template <class Asking> std::int64_t asked(const char* index, const Asking& asking) {
    pg::transaction in(api, tenant.id, patience);
    in.execute("SET LOCAL enable_seqscan = off");
    asking(in);
    return in.execute("SELECT pg_stat_get_xact_numscans($1::text::regclass)", pg::parameters().add(index))
        .int8(0, 0);
  }

  const made_tenant tenant = make_tenant(database_name());
  const std::string of = to_string(tenant.id.value);
  open_session api{api_options(database_name())};
  open_session writer{writer_options(database_name())};
};

/// What was answered is kept for thirty days: no longer than what it says may be known.
TEST_F(ForgettingTest, AnswersGoWithInvitationsThatGoBeforeThem) {
  const auto late = ended(35);
  const auto earlier = ended(10);
  const auto recent = ended(5);

  EXPECT_EQ(forget_invitees(30), 1);
  EXPECT_EQ(answers_about(late), "1") << "a repeated call is answered as it was";
  EXPECT_EQ(forget_invitees(7), 1);
  EXPECT_EQ(answers_about(earlier), "0");
  EXPECT_EQ(answers_about(recent), "1");
}

TEST_F(ForgettingTest, JobsGoAsManyAtATimeAsAreAskedFor) {
  const auto older = job("3", 92);
  const auto old = job("3", 91);
  const auto recent = job("3", 89);

  EXPECT_EQ(forget_jobs(1), 1);
  EXPECT_EQ(named_rows_of(older) + named_rows_of(old), "01");
  EXPECT_EQ(forget_jobs(1), 1);
  EXPECT_EQ(forget_jobs(1), 0);
  EXPECT_EQ(named_rows_of(old) + named_rows_of(recent), "01");
}

/// Nobody may ever go on with it.
TEST_F(ForgettingTest, APausedJobIsForgottenAsOneThatEnded) {
  const auto paused = job("2", 91);
  const auto recent = job("2", 89);
  const auto running = job("1", 91);

  EXPECT_EQ(forget_jobs(9), 1);

  EXPECT_EQ(named_rows_of(paused) + named_rows_of(recent) + named_rows_of(running), "011");
  EXPECT_EQ(sql("SELECT state FROM invitation_job_rows WHERE job_id = '" + paused + "'"), "5")
      << "it invites nobody when it goes on";
}

TEST_F(ForgettingTest, WhatIsOpenIsCountedByWhatIsOpen) {
  insert_invitations("'over-' || n", "cancelled", 1, 2'000);
  insert_invitations("'open-' || n", "pending", 1, 3);
  insert_invitations("'wait-' || n", "pending_approval", 1, 2);
  sql("ANALYZE user_invitations");

  EXPECT_EQ(1, asked("user_invitations_open", [&](auto& in) {
              EXPECT_EQ(persistence::count_all_pending(in, tenant.id), 5);
            }));
}

/// However much was ever imported.
TEST_F(ForgettingTest, RowsOfJobsAreFoundByWhomTheyAreFor) {
  const auto imported = job("3", 1, 3'000);
  sql("ANALYZE invitation_job_rows");

  for (const auto* index : {"invitation_job_rows_of_a_person", "invitation_job_rows_as_written"})
    EXPECT_GE(
        asked(index, [&](auto& in) { persistence::erase_invitee(in, tenant.id, "z7@acme.test", {}); }), 1
    ) << index;
  in_transaction(api, tenant.id, [&](auto& in) {
    return persistence::erase_invitee(in, tenant.id, "z7@acme.test", {});
  });
  EXPECT_EQ(named_rows_of(imported), "2999");
}

class ChoresTest : public testing::Test {
protected:
  static std::int64_t work(std::vector<std::int64_t>& pages, std::int64_t most, std::int64_t due) {
    pages.push_back(most);
    return std::min(most, due);
  }
  std::int64_t run(const recurring_sweep::portion& all, std::int64_t most = 200) {
    return all(writer, most, patience);
  }

  std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
  const steady_now clock = [this] { return now; };
  open_session writer{writer_options(database_name())};
};

/// Else it would be tried with as many for ever, and nobody would be forgotten any more.
TEST_F(ChoresTest, WhatTakesTooLongIsTriedWithOneWhateverSucceedsMeanwhile) {
  std::vector<std::int64_t> pages;
  std::vector<std::int64_t> other;
  const auto all = take_turns(
      {{10s,
        [&](auto&, std::int64_t most, auto) {
          const auto done = work(pages, most, 1'000);
          if (most > 50) throw std::runtime_error("takes too long");
          return done;
        }},
       {2s, [&](auto&, std::int64_t most, auto) { return work(other, most, 0); }}},
      clock
  );

  EXPECT_THROW(run(all), std::runtime_error);
  now += 2s;
  EXPECT_EQ(run(all), 0) << "its time has not come";
  now += 8s;
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(run(all), 200) << "there is more";

  EXPECT_THAT(pages, ElementsAre(200, 1, 2, 4));
  EXPECT_THAT(other, ElementsAre(200, 200, 200)) << "nothing is wrong with the other one";
}

TEST_F(ChoresTest, WhatIsDoneOneByOneGoesOnAtOnce) {
  std::vector<std::int64_t> pages;
  std::int64_t due = 2;
  const auto all = take_turns(
      {{10s,
        [&](auto&, std::int64_t most, auto) {
          const auto done = work(pages, most, due);
          due -= done;
          return done;
        },
        1}},
      clock
  );

  EXPECT_EQ(run(all), 200);
  EXPECT_EQ(run(all), 200);
  EXPECT_EQ(run(all), 0);
  EXPECT_EQ(run(all), 0);

  EXPECT_THAT(pages, ElementsAre(1, 1, 1)) << "until there is none; then when the interval is over";
}

} // namespace
} // namespace tessera::test
