// How long a node believes in its lease, against a real PostgreSQL.
#include "actors/cluster/lease_keeper.hpp"
#include "persistence/stores/cluster_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

class LeaseKeeperTest : public testing::Test {
protected:
  std::unique_ptr<lease_keeper>
  start(const std::string& name, lease& kept, std::chrono::milliseconds ttl = 2s) {
    return std::make_unique<lease_keeper>(
        lease_options{name, ttl, 60s, 50ms}, writer_options(database), fresh<node_incarnation>(), kept, time
    );
  }
  /// Seconds until the lease of the shards is over in the database.
  double left() {
    return std::stod(postgres_cluster::shared().query(
        database, "SELECT extract(epoch FROM min(lease_until) - clock_timestamp()) FROM shard"
    ));
  }
  void company(bool there) {
    owner.execute(
        "INSERT INTO node (incarnation, node_name, heartbeat_at, draining)"
        " VALUES ('00000000-0000-0000-0000-00000000c0de', 'company', clock_timestamp() + interval '1 hour', "
        "NOT $1)"
        " ON CONFLICT (incarnation) DO UPDATE SET draining = NOT $1",
        pg::parameters().add(there),
        patience
    );
  }

  std::string database = migrated_database();
  open_session owner{owner_options(database)};
  database_clock time;
};

TEST_F(LeaseKeeperTest, TakesALongLeaseWithoutCompanyAndAShortOneWithIt) {
  lease kept;
  const auto keeper = start("one", kept);
  EXPECT_TRUE(wait_until(milliseconds{5'000}, [&] { return left() > 30; }));
  company(true);
  EXPECT_TRUE(wait_until(milliseconds{5'000}, [&] { return left() < 3; }));
  company(false);
  EXPECT_TRUE(wait_until(milliseconds{5'000}, [&] { return left() > 30; }));
}

TEST_F(LeaseKeeperTest, ALongLeaseIsNotTakenAwayByAnother) {
  lease kept;
  const auto keeper = start("one", kept);
  ASSERT_TRUE(wait_until(milliseconds{5'000}, [&] { return left() > 30; }));
  pg::connection other(writer_options(database));
  other.open();
  const auto taken = persistence::take_all_shards(other, fresh<node_incarnation>(), "two", 2s, patience);
  EXPECT_EQ(taken.shards_owned, 0);
  EXPECT_TRUE(kept.is_live());
}

TEST_F(LeaseKeeperTest, WhoComesGivesUpWhileTheFirstLives) {
  lease kept;
  lease second;
  const auto keeper = start("one", kept);
  ASSERT_TRUE(wait_until(milliseconds{5'000}, [&] { return left() > 30; }));
  EXPECT_THROW(start("two", second, 500ms), std::runtime_error);
  EXPECT_TRUE(kept.is_live());
  EXPECT_FALSE(second.is_held());
}

TEST_F(LeaseKeeperTest, WhoComesWaitsForTheLeaseOfOneThatDied) {
  lease kept;
  pg::connection dead(writer_options(database));
  dead.open();
  const auto gone = fresh<node_incarnation>();
  ASSERT_EQ(
      persistence::take_all_shards(dead, gone, "one", 3s, patience).shards_owned, persistence::shard_count
  );
  const auto keeper = start("two", kept, 500ms); // longer than twice its own
  EXPECT_TRUE(kept.is_live());
  EXPECT_EQ(persistence::renew_leases(dead, gone, 3s, patience).shards_owned, 0);
}

TEST_F(LeaseKeeperTest, WhoIsToldToStopDoesNotWait) {
  lease kept;
  lease second;
  const auto keeper = start("one", kept);
  ASSERT_TRUE(wait_until(milliseconds{5'000}, [&] { return left() > 30; }));
  EXPECT_THROW(
      lease_keeper(
          lease_options{"two", 60s, 60s, 50ms},
          writer_options(database),
          fresh<node_incarnation>(),
          second,
          time,
          [] { return true; }
      ),
      start_given_up
  );
  EXPECT_TRUE(kept.is_live());
  EXPECT_FALSE(second.is_held());
}

TEST_F(LeaseKeeperTest, ARestartedNodeOfTheSameNameDoesNotWait) {
  lease kept;
  lease again;
  const auto keeper = start("one", kept);
  ASSERT_TRUE(wait_until(milliseconds{5'000}, [&] { return left() > 30; }));
  const auto restarted = start("one", again);
  EXPECT_TRUE(again.is_live());
  EXPECT_TRUE(wait_until(milliseconds{5'000}, [&] { return !kept.is_held(); }));
}

} // namespace
} // namespace tessera::test
