// Credits that nobody pays for, against a real PostgreSQL.
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/integration/directory_fixture.hpp"

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;
using testing::StartsWith;

class GrantStoreTest : public DirectoryTest {
protected:
  GrantStoreTest() {
    EXPECT_EQ(create(org("a"), root()), errc::ok);
    account = account_of(org("a"));
  }

  grant_credits a_grant(std::int64_t amount = 100) {
    grant_credits command;
    command.tenant = tenant.id;
    command.account = account;
    command.amount = credits{amount};
    command.reason = "for a bad week";
    command.requested_by = {principal_kind::user, "usr-1", "crm"};
    command.request_id = "req-1";
    return command;
  }
  grant_receipt receipt(const std::string& id) { return *ask<grant_receipt>(grant_query{tenant.id, id}); }

  account_history history() { return accounts.load(std::vector{account}).front(); }
  receive_credits waiting() { return arrival(history().waiting.at(0)); }
  persistence::append_status append(const write_set& writes) {
    const write_set* round[] = {&writes};
    return store.append(round).status;
  }
  /// The account takes it in.
  write_set absorb() {
    auto writes = ledger_author(history()).receive(waiting());
    EXPECT_EQ(append(writes), persistence::append_status::committed);
    return writes;
  }

  persistence::pg_account_store accounts{service_url(database_name()), "grants", patience};
  persistence::pg_journal_store store{service_url(database_name()), test_writer, patience};
  account_id account;
};

TEST_F(GrantStoreTest, LeavesALotOfItsOwnInTheInbox) {
  auto command = a_grant(250);
  command.kind = lot_kind::bonus;
  command.applications = {"crm", "hr"};
  command.priority = 7;
  const auto accepted = ask<grant_accepted>(command);
  ASSERT_TRUE(accepted.ok());
  EXPECT_THAT(accepted->grant_id, StartsWith("grant-"));
  const auto row = waiting();
  EXPECT_EQ(row.kind, inbox_kind::grant);
  EXPECT_EQ(row.reference, accepted->grant_id);
  EXPECT_EQ(row.requested_by, command.requested_by);
  ASSERT_THAT(row.lots, SizeIs(1));
  const auto& brought = row.lots.front();
  EXPECT_EQ(brought.amount, credits{250});
  EXPECT_EQ(brought.kind, lot_kind::bonus);
  EXPECT_EQ(brought.applications, command.applications);
  EXPECT_EQ(brought.priority, 7);
  EXPECT_EQ(brought.root, brought.id);
  EXPECT_FALSE(brought.expires_at);
  EXPECT_EQ(brought.expiry_date, "");
  EXPECT_EQ(brought.purchase_id, "");
  EXPECT_EQ(
      owner
          .execute(
              "SELECT reason FROM credit_inbox WHERE inbox_id = $1", pg::parameters().add(row.id), patience
          )
          .text(0, 0),
      "for a bad week"
  );
}

TEST_F(GrantStoreTest, EndsWhenItIsToldTo) {
  auto exact = a_grant();
  exact.expires_at = start_of_test + 400 * 24h; // a midnight: the day before is the last good one
  ASSERT_TRUE(ask<grant_accepted>(exact).ok());
  EXPECT_EQ(waiting().lots.front().expires_at, exact.expires_at);
  EXPECT_EQ(waiting().lots.front().expiry_date, "2027-02-04");
  absorb();

  auto days = a_grant();
  days.validity_days = 30;
  ASSERT_TRUE(ask<grant_accepted>(days).ok());
  const auto end = *waiting().lots.front().expires_at;
  const auto expected = ask<validity>(validity_query{tenant.id, 30});
  EXPECT_EQ(end, expected->expires_at);
  EXPECT_EQ(waiting().lots.front().expiry_date, expected->expiry_date);
}

TEST_F(GrantStoreTest, TheReceiptSaysWhatBecameOfIt) {
  const auto id = ask<grant_accepted>(a_grant(250))->grant_id;
  const auto before = receipt(id);
  EXPECT_EQ(before.status, "pending");
  EXPECT_FALSE(before.booked);
  EXPECT_EQ(before.amount, credits{250});
  EXPECT_EQ(before.available, credits{0});

  const auto writes = absorb();
  const auto after = receipt(id);
  EXPECT_EQ(after.status, "completed");
  EXPECT_EQ(after.booked, (entry_place{account, 1}));
  EXPECT_EQ(after.lot, writes.events.front().opened.front().id);
  EXPECT_EQ(after.available, credits{250});

  ledger_author spender(history());
  EXPECT_EQ(append(spender.spend(50)), persistence::append_status::committed);
  EXPECT_EQ(receipt(id).available, credits{250}) << "the same for ever";
}

TEST_F(GrantStoreTest, ADebtTakesItsPartFirst) {
  ledger_author debtor(history());
  instruction claw;
  claw.id = fresh<inbox_id>();
  claw.account = account;
  claw.kind = inbox_kind::claw_back;
  claw.wanted = credits{70};
  auto owes = debtor.carry_out(claw);
  owes.absorbed.clear(); // it stands in no inbox
  ASSERT_EQ(append(owes), persistence::append_status::committed);
  const auto id = ask<grant_accepted>(a_grant(100))->grant_id;
  absorb();
  EXPECT_EQ(receipt(id).available, credits{30});
  EXPECT_EQ(receipt(id).booked, (entry_place{account, 2})) << "not what repays behind it";
}

TEST_F(GrantStoreTest, OneThatTheAccountCannotTakeHasFailed) {
  const auto id = ask<grant_accepted>(a_grant(1))->grant_id;
  write_set writes;
  writes.account = account;
  writes.refused.emplace_back(waiting().id, errc::amount_out_of_range);
  ASSERT_EQ(append(writes), persistence::append_status::committed);
  EXPECT_EQ(receipt(id).status, "failed");
  EXPECT_EQ(receipt(id).refused_code, "amount_out_of_range");
}

TEST_F(GrantStoreTest, AKeyGivesTheFirstGrantAgain) {
  auto command = a_grant();
  command.idempotency = a_key(fresh_number());
  const auto first = ask<grant_accepted>(command);
  const auto again = ask<grant_accepted>(command);
  EXPECT_FALSE(first->replayed);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->grant_id, first->grant_id);
  EXPECT_THAT(history().waiting, SizeIs(1));
  command.idempotency->fingerprint = numbered<uuid>(2);
  EXPECT_EQ(ask<grant_accepted>(command).code(), errc::idempotency_key_reused);
}

TEST_F(GrantStoreTest, AnEntityThatWasDeletedIsGivenNothing) {
  ASSERT_EQ(remove(org("a")), errc::ok);
  auto command = a_grant();
  command.idempotency = a_key(fresh_number());
  EXPECT_EQ(ask<grant_accepted>(command).code(), errc::entity_unknown);
  EXPECT_EQ(count("SELECT count(*) FROM credit_inbox WHERE tenant_id = $1"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM idempotency_keys WHERE tenant_id = $1"), 0) << "nor is that kept";
}

TEST_F(GrantStoreTest, WhatIsNoGrantIsUnknown) {
  for (const std::string id :
       {"", "grant-", "grant-1", "alloc-1", "grant-00000000-0000-0000-0000-000000000000"})
    EXPECT_EQ(ask<grant_receipt>(grant_query{tenant.id, id}).code(), errc::transaction_unknown) << id;
}

} // namespace
} // namespace tessera::test
