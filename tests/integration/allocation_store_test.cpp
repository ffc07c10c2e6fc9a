// Reading allocations, and what the database itself refuses, against a real PostgreSQL.
#include "persistence/stores/allocation_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using testing::SizeIs;

const std::string& database() {
  static const auto name = migrated_database();
  return name;
}

class AllocationStoreTest : public testing::Test {
protected:
  AllocationStoreTest() {
    EXPECT_EQ(append(source.receive(a_lot(fresh_number(), 100))), persistence::append_status::committed);
  }

  persistence::append_status append(const write_set& writes) {
    const write_set* round[] = {&writes};
    return store.append(round).status;
  }
  entry organization(const made_tenant& whose) {
    return make_organization(database(), whose, "org-" + std::to_string(fresh_number()));
  }
  allocation_leg leg(const entry& to, std::int64_t amount) {
    return {to.account, credits{amount}, fresh<inbox_id>()};
  }
  result<allocation> find(const made_tenant& whose, const std::string& id) {
    pg::transaction in(api, whose.id, patience);
    return persistence::allocation_of(in, {whose.id, id, {}, {}});
  }

  made_tenant tenant = make_tenant(database());
  made_tenant stranger = make_tenant(database());
  open_session api{api_options(database())};
  persistence::pg_journal_store store{service_url(database()), test_writer, patience};
  ledger_author source{organization(tenant)};
};

TEST_F(AllocationStoreTest, ALegIsPendingUntilItsReceiverTakesItIn) {
  const auto receiver = organization(tenant);
  const auto writes = source.allocate({leg(receiver, 30), leg(organization(tenant), 20)});
  ASSERT_EQ(append(writes), persistence::append_status::committed);
  const auto id = writes.sent.front().reference;
  const auto before = find(tenant, id);
  ASSERT_TRUE(before.ok());
  ASSERT_THAT(before->legs, SizeIs(2));
  EXPECT_EQ(before->from_balance, credits{50});
  EXPECT_EQ(before->legs[0].status, leg_status::pending);
  EXPECT_FALSE(before->legs[0].new_balance);
  ASSERT_THAT(before->legs[0].lots, SizeIs(1));
  EXPECT_FALSE(before->legs[0].lots[0].lot);
  EXPECT_EQ(before->legs[0].lots[0].parent, source.account().lots.front().id);

  ledger_author there(receiver);
  ASSERT_EQ(append(there.receive(writes.sent.front())), persistence::append_status::committed);
  const auto after = find(tenant, id);
  EXPECT_EQ(after->legs[0].status, leg_status::completed);
  EXPECT_EQ(after->legs[0].new_balance, credits{30});
  EXPECT_EQ(after->legs[0].lots[0].lot, there.account().lots.front().id);
  EXPECT_EQ(after->legs[1].status, leg_status::pending);
}

TEST_F(AllocationStoreTest, IsNobodyElsesBusiness) {
  const auto writes = source.allocate({leg(organization(tenant), 30)});
  ASSERT_EQ(append(writes), persistence::append_status::committed);
  EXPECT_EQ(find(stranger, writes.sent.front().reference).code(), errc::allocation_unknown);
}

TEST_F(AllocationStoreTest, CreditsDoNotLeaveTheirTenant) {
  const auto before = source.account();
  EXPECT_EQ(append(source.allocate({leg(organization(stranger), 30)})), persistence::append_status::refused);
  EXPECT_EQ(
      append(source.allocate({leg(entry{}, 30)})), persistence::append_status::outrun
  ); // on what never was
  EXPECT_EQ(before.totals.now.available, credits{100});
}

} // namespace
} // namespace tessera::test
