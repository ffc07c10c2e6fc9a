// Whoever sends has claimed: of two workers one does, and whoever lost its claim says nothing (W-44).
#include "persistence/stores/notification_store.hpp"
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
  std::string status() { return session_.execute("SELECT status FROM notifications", patience).text(0, 0); }

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

} // namespace
} // namespace tessera::test
