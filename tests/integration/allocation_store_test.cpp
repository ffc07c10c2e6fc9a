// Reading allocations, and what the database itself refuses, against a real PostgreSQL.
#include "persistence/stores/allocation_store.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace tessera::test {
namespace {

using testing::IsSupersetOf;
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

/// Somebody deletes it after the directory was looked at.
TEST_F(AllocationStoreTest, SaysWhichReceiverIsGone) {
  const auto gone = organization(tenant);
  const auto there = organization(tenant);
  pg::transaction in(api, tenant.id, patience);
  persistence::delete_entity(in, tenant.id, gone.account);
  in.commit();
  auto author = source;
  const auto writes = author.allocate({leg(there, 10), leg(gone, 20)});
  const write_set* round[] = {&writes};
  const auto outcome = store.append(round);
  EXPECT_EQ(outcome.status, persistence::append_status::closed);
  EXPECT_THAT(outcome.outrun, testing::ElementsAre(gone.account));
  EXPECT_EQ(append(source.allocate({leg(there, 10)})), persistence::append_status::committed);
}

TEST_F(AllocationStoreTest, AnEntityListsWhatItSentAndWhatItReceived) {
  const auto partner_genesis = organization(tenant);
  ledger_author partner(partner_genesis);
  ASSERT_EQ(append(partner.receive(a_lot(fresh_number(), 100))), persistence::append_status::committed);
  std::vector<std::string> ids;
  const auto send = [&](ledger_author& from, const std::vector<allocation_leg>& legs) {
    const auto writes = from.allocate(legs);
    ASSERT_EQ(append(writes), persistence::append_status::committed);
    ids.push_back(writes.sent.front().reference);
  };
  const entry source_genesis{.account = source.account().id};
  for (int i = 0; i < 2; ++i) {
    send(source, {leg(partner_genesis, 1), leg(organization(tenant), 1)});
    send(partner, {leg(source_genesis, 1)});
  }
  send(source, {leg(organization(tenant), 1)});
  ids.pop_back(); // is none of the partner's
  std::ranges::sort(ids, std::greater{});

  std::vector<std::string> seen;
  list_allocations query{
      .tenant = tenant.id, .entity = partner_genesis.account, .before = {}, .limit = 3, .visible = {}};
  for (bool more = true; more;) {
    pg::transaction in(api, tenant.id, patience);
    const auto page = persistence::allocations_of(in, query);
    for (const auto& each : page.allocations)
      seen.push_back(each.id);
    ASSERT_FALSE(page.allocations.empty());
    query.before = seen.back();
    more = page.more;
  }
  EXPECT_EQ(seen, ids);
}

/// One that allocates seldom does not read what the others of its tenant did meanwhile.
TEST_F(AllocationStoreTest, AListOfAnEntityReadsItsOwnRowsOnly) {
  const auto name = migrated_database();
  const auto busy = make_tenant(name);
  const auto quiet = make_organization(name, busy, "quiet");
  open_session owner(owner_options(name));
  owner.execute(
      "WITH row AS (INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, principal_kind,"
      " principal_id, principal_application, request_id)"
      " VALUES (gen_random_uuid(), $1, $2, 2, 5, 1, 'key-1', '', 'r') RETURNING inbox_id)"
      " INSERT INTO credit_allocations (allocation_id, leg, tenant_id, from_account_id, from_entity_type,"
      " from_entity_id, from_seq, to_account_id, to_entity_type, to_entity_id, inbox_id, credits_allocated,"
      " allocated_by, allocated_at)"
      " SELECT to_char(n, 'FM00000'), 0, $2, CASE WHEN n > 2000 THEN $1 ELSE $3 END, 1, 'from', n,"
      " gen_random_uuid(), 2, 'to', inbox_id, 1, 'key-1', now()"
      " FROM row, generate_series(1, 20000) AS n",
      pg::parameters().add(busy.genesis.account).add(busy.id).add(quiet.account),
      patience
  );
  owner.execute("ANALYZE credit_allocations", patience);
  open_session reader(api_options(name));
  {
    pg::transaction in(reader, busy.id, patience);
    persistence::allocations_of(
        in, {.tenant = busy.id, .entity = quiet.account, .before = {}, .visible = {}}
    );
  }
  reader.execute("SELECT pg_stat_force_next_flush()", patience);
  const auto used = owner.execute(
      "SELECT indexrelname::text FROM pg_stat_user_indexes WHERE relname = 'credit_allocations' AND idx_scan "
      "> 0",
      patience
  );
  std::vector<std::string> names;
  for (int i = 0; i < used.size(); ++i)
    names.push_back(used.text(i, 0));
  EXPECT_THAT(names, IsSupersetOf({"credit_allocations_received", "credit_allocations_sent"}));
}

} // namespace
} // namespace tessera::test
