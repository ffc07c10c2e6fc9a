// Whoever sends has claimed: of two workers one does, and whoever lost its claim says nothing (W-44).
#include "actors/notification/recheck.hpp"
#include "persistence/stores/notification_store.hpp"
#include "persistence/stores/sms_store.hpp"
#include "tests/integration/database_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

constexpr auto mail = notification_channel::email;

class MailClaimsTest : public testing::Test {
protected:
  void queue(int count) {
    session_.execute(
        "INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient)"
        " SELECT gen_random_uuid(), $1, gen_random_uuid(), 'template.tested', 'email', 'a@b.test'"
        " FROM generate_series(1, $2::bigint)",
        pg::parameters().add(tenant_.id).add(std::int64_t{count}),
        patience
    );
  }
  auto claim(pg::connection& session, const std::string& node, int most, std::chrono::seconds lease = 60s) {
    return persistence::claim_notifications(session, mail, node, most, lease, patience);
  }
  /// As an administrator suppresses the recipient; `from_now`: an interval.
  void suppress_by_hand(const std::string& from_now) {
    open_session owner(owner_options(database_));
    owner.execute(
        "INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, recipient_masked, "
        "reason,"
        " until, created_by) VALUES (gen_random_uuid(), $1, 'email', $2, 'a***', 'manual',"
        " clock_timestamp() + $3::text::interval, 'user-1')",
        pg::parameters().add(tenant_.id).add(recipient_).add(from_now),
        patience
    );
  }
  void bounce() {
    claimed_notification bounced;
    bounced.tenant = tenant_.id;
    persistence::suppress_recipient(session_, bounced, mail, recipient_, "a***", "bounce", patience);
  }
  std::string suppression() {
    return session_
        .execute(
            "SELECT string_agg(concat_ws(' ', reason, nullif(created_by, ''),"
            " CASE WHEN until IS NULL THEN 'for good' ELSE 'for a time' END), ', ') FROM suppressions",
            patience
        )
        .text(0, 0);
  }
  std::string status() { return session_.execute("SELECT status FROM notifications", patience).text(0, 0); }

  const digest recipient_{1};
  std::string database_ = migrated_database();
  made_tenant tenant_ = make_tenant(database_);
  open_session session_{writer_options(database_)};
  open_session other_{writer_options(database_)};
};

TEST_F(MailClaimsTest, W44OfTwoWorkersOneSends) {
  queue(20);
  other_.execute("BEGIN", patience);
  const auto theirs = claim(other_, "two", 12);
  const auto ours = claim(session_, "one", 20);
  other_.execute("COMMIT", patience);
  std::set<uuid> all;
  for (const auto* claimed : {&ours, &theirs})
    for (const auto& one : *claimed)
      EXPECT_TRUE(all.insert(one.id).second) << "claimed twice";
  EXPECT_THAT(all, SizeIs(20));
  EXPECT_THAT(claim(session_, "one", 20), SizeIs(0));
}

TEST_F(MailClaimsTest, W44WhoLostItsClaimNeitherSendsNorReports) {
  queue(1);
  const auto slow = claim(session_, "slow", 1, 0s);
  const auto quick = claim(other_, "quick", 1);
  ASSERT_THAT(slow, SizeIs(1));
  ASSERT_THAT(quick, SizeIs(1)) << "the claim of the slow one was over";
  const auto begin = [this](const claimed_notification& one) {
    return persistence::begin_attempt(session_, one, mail, still_wanted::always, {}, 60s, patience);
  };
  EXPECT_EQ(begin(slow.front()), persistence::readiness::lost);
  EXPECT_EQ(begin(quick.front()), persistence::readiness::ready);
  EXPECT_FALSE(persistence::report(session_, slow.front(), {notification_status::dead, {}, {}, {}}, patience)
  );
  EXPECT_EQ(status(), "claimed");
  EXPECT_TRUE(persistence::report(session_, quick.front(), {notification_status::sent, {}, {}, {}}, patience)
  );
  EXPECT_EQ(status(), "sent");
}

TEST_F(MailClaimsTest, ABounceCountsWhereASuppressionIsOver) {
  suppress_by_hand("-1 hour");
  bounce();
  EXPECT_EQ(suppression(), "bounce for good");
  queue(1);
  const auto next = claim(session_, "one", 1);
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(
      persistence::begin_attempt(
          session_, next.front(), mail, still_wanted::always, recipient_, 60s, patience
      ),
      persistence::readiness::suppressed
  );
}

/// It was spent after it was looked at.
TEST_F(MailClaimsTest, ThatNothingEndsIsNotTold) {
  claimed_notification one;
  one.kind = "credits.expiring";
  one.ref_id = "00000000-0000-0000-0000-000000000001";
  EXPECT_FALSE(as_it_is_now(session_, one, patience).has_value());
}

TEST_F(MailClaimsTest, ABounceChangesNothingWhereASuppressionCounts) {
  suppress_by_hand("1 hour");
  bounce();
  EXPECT_EQ(suppression(), "manual user-1 for a time");
}

TEST_F(MailClaimsTest, AnSmsThatReachesNobodyCountsWhereASuppressionIsOver) {
  open_session owner(owner_options(database_));
  open_session api(api_options(database_));
  owner.execute(
      "INSERT INTO suppressions (suppression_id, tenant_id, channel, recipient_sha256, recipient_masked, "
      "reason,"
      " until, created_by) VALUES (gen_random_uuid(), $1, 'sms', sha256('+14155550123'), '+1*', 'manual',"
      " clock_timestamp() - interval '1 hour', 'user-1')",
      pg::parameters().add(tenant_.id),
      patience
  );
  const auto sent = owner.execute(
      "INSERT INTO notifications (notification_id, tenant_id, outbox_id, kind, channel, recipient)"
      " VALUES (gen_random_uuid(), $1, gen_random_uuid(), 'x', 'sms', '+14155550123') RETURNING "
      "notification_id",
      pg::parameters().add(tenant_.id),
      patience
  );
  in_transaction(api, tenant_id{}, [&](auto& in) {
    persistence::suppress_recipient_of_sms(in, sent.uuid_at(0, 0), "bounce");
    return 0;
  });
  EXPECT_EQ(suppression(), "bounce for good");
}

} // namespace
} // namespace tessera::test
