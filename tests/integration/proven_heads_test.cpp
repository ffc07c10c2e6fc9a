// What a session has committed itself is not proven again; another session proves it (decision 0018).
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/support/ledger_author.hpp"

#include <gtest/gtest.h>

#include <array>

namespace tessera::test {
namespace {

using enum persistence::append_status;

/// A server that has lost the last round: what a failover to a replica that lagged behind looks like.
class LostRoundTest : public testing::Test {
protected:
  LostRoundTest() { owner.open(); }

  persistence::append_status append(const write_set& writes) {
    const std::array<const write_set*, 1> round{&writes};
    return store.append(round).status;
  }

  void lose(const write_set& writes) {
    const auto& lost = writes.events.back().booked;
    owner.execute("ALTER TABLE credit_entries DISABLE TRIGGER credit_entries_are_immutable", patience);
    owner.execute(
        "DELETE FROM credit_entries WHERE account_id = $1 AND seq = $2",
        pg::parameters().add(lost.account.value).add(static_cast<std::int64_t>(lost.seq)),
        patience
    );
    owner.execute("ALTER TABLE credit_entries ENABLE TRIGGER credit_entries_are_immutable", patience);
  }

  void end_session() {
    owner.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND application_name = 'tessera-lane'",
        patience
    );
  }

  std::string database = migrated_database();
  pg::connection owner{owner_options(database)};
  persistence::pg_journal_store store{service_url(database), test_writer, patience};
  ledger_author author{make_organization(database, make_tenant(database), "org-1")};
};

TEST_F(LostRoundTest, ANewSessionProvesEveryHead) {
  ASSERT_EQ(append(author.receive(a_lot(1, 100))), committed);
  const auto lost = author.spend(10);
  ASSERT_EQ(append(lost), committed);
  lose(lost);
  end_session();

  const auto next = author.spend(20);
  EXPECT_NE(append(next), committed); // on the session that is gone
  EXPECT_EQ(append(next), outrun);    // on the new one, whose ledger lacks what it follows
}

} // namespace
} // namespace tessera::test
