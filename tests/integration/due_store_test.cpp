#include "persistence/stores/alert_store.hpp"
#include "persistence/stores/cluster_store.hpp"
#include "persistence/stores/due_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tessera::test {
namespace {

using persistence::due_account;
using persistence::due_kind;
using persistence::due_question;
using testing::ElementsAre;
using testing::IsEmpty;

class DueStoreTest : public testing::Test {
protected:
  std::int16_t shard_of(const account_id& account) {
    return session_.execute("SELECT shard_of($1)", pg::parameters().add(account), patience).int2(0, 0);
  }
  std::vector<due_account>
  due_at(time_point now, int page = 10, const std::vector<due_question>& shards = all_shards()) {
    return persistence::what_is_due(session_, due_kind::lots, shards, now, page, patience);
  }
  static std::vector<due_question> all_shards() {
    std::vector<due_question> shards(persistence::shard_count);
    for (std::int16_t shard = 0; auto& one : shards)
      one.shard = shard++;
    return shards;
  }
  void receive(ledger_author& author, std::chrono::hours lasting) {
    append(author.receive(a_lot(fresh_number(), 100, expires_in(lasting))));
  }
  void append(const write_set& writes) {
    const write_set* round[] = {&writes};
    ASSERT_EQ(persistence::append_status::committed, journal_.append(round).status);
  }

  void save(const credit_account& account) { rows_.save(std::vector{snapshot_of(account)}); }

  std::string database_ = migrated_database();
  made_tenant tenant_ = make_tenant(database_);
  open_session session_{writer_options(database_)};
  persistence::pg_journal_store journal_{service_url(database_), test_writer, patience};
  persistence::pg_account_store rows_{service_url(database_), "due", patience};
};

std::vector<account_id> accounts_of(const std::vector<due_account>& due) {
  std::vector<account_id> accounts;
  for (const auto& one : due)
    accounts.push_back(one.where.account);
  return accounts;
}

TEST_F(DueStoreTest, KnowsWhoseLotsAreOver) {
  ledger_author author(tenant_.genesis);
  receive(author, std::chrono::hours{1});
  const auto later = start_of_test + std::chrono::hours{2};
  EXPECT_THAT(due_at(start_of_test), IsEmpty());
  EXPECT_THAT(accounts_of(due_at(later)), ElementsAre(tenant_.genesis.account));

  append(author.pass(std::chrono::hours{3}).expire());
  EXPECT_THAT(due_at(later), IsEmpty());
}

/// Units that came back after the snapshot, to a lot that had none in it.
TEST_F(DueStoreTest, KnowsOfLotsThatAreThereAgain) {
  ledger_author author(tenant_.genesis);
  receive(author, std::chrono::hours{1});
  append(author.spend(100));
  const auto spent = author.account().seq;
  const auto empty = author.account();
  save(empty);
  const auto later = start_of_test + std::chrono::hours{2};
  EXPECT_THAT(due_at(later), IsEmpty());

  append(author.reverse(spent, 30));
  EXPECT_THAT(due_at(start_of_test), IsEmpty());
  EXPECT_THAT(accounts_of(due_at(later)), ElementsAre(tenant_.genesis.account));
  save(author.account());
  EXPECT_THAT(accounts_of(due_at(later)), ElementsAre(tenant_.genesis.account));
  append(author.spend(30));
  save(author.account());
  EXPECT_THAT(due_at(later), IsEmpty());

  append(author.reverse(spent, 30));
  append(author.pass(std::chrono::hours{3}).expire());
  EXPECT_THAT(due_at(later), IsEmpty());
  append(author.reverse(spent, 10)); // expires at once
  EXPECT_THAT(due_at(later), IsEmpty());
}

/// Whoever chose them may have died before the account was told.
TEST_F(DueStoreTest, KnowsWhoseAlertsWereChosenLately) {
  open_session api(api_options(database_));
  const auto due = [&](std::chrono::seconds later) {
    const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    return accounts_of(
        persistence::what_is_due(session_, due_kind::inboxes, all_shards(), now + later, 10, patience)
    );
  };
  in_transaction(api, tenant_.id, [&](auto& in) {
    return persistence::set_alert_settings(in, {tenant_.id, tenant_.genesis.account, {}, {}, {}});
  });
  EXPECT_THAT(due(std::chrono::seconds{-30}), IsEmpty());
  EXPECT_THAT(due(std::chrono::seconds{10}), ElementsAre(tenant_.genesis.account));
  EXPECT_THAT(due(std::chrono::seconds{70}), IsEmpty());
}

TEST_F(DueStoreTest, KnowsWhoseHoldsAreOver) {
  ledger_author author(tenant_.genesis);
  receive(author, std::chrono::hours{24});
  append(author.hold(10, std::chrono::minutes{5}));
  const auto end = author.account().holds.all().front()->ends_at;
  const auto due = [&](time_point now) {
    return accounts_of(persistence::what_is_due(session_, due_kind::holds, all_shards(), now, 10, patience));
  };
  EXPECT_THAT(due(end - tick), IsEmpty());
  EXPECT_THAT(due(end), ElementsAre(tenant_.genesis.account));

  append(author.pass(std::chrono::hours{1}).expire());
  EXPECT_TRUE(author.account().holds.empty());
  EXPECT_THAT(due(end), IsEmpty());
}

/// Its units were held when the account was written down, and came back before it was again.
TEST_F(DueStoreTest, KnowsOfLotsThatWereHeldAtTheLastSnapshot) {
  ledger_author author(tenant_.genesis);
  receive(author, std::chrono::hours{1});
  append(author.hold(100, std::chrono::minutes{5}));
  const auto opened = author.account().seq;
  save(author.account());
  append(author.release(opened));
  EXPECT_THAT(
      accounts_of(due_at(start_of_test + std::chrono::hours{2})), ElementsAre(tenant_.genesis.account)
  );
}

/// A reminder is written by whoever knows the account's last entry.
TEST_F(DueStoreTest, NobodyElseMovesAReminder) {
  ledger_author author(tenant_.genesis);
  receive(author, std::chrono::hours{24});
  append(author.hold(10, std::chrono::minutes{5}));
  const auto end = author.account().holds.all().front()->ends_at;
  write_set late;
  late.account = tenant_.genesis.account;
  late.seq = author.account().seq - 1;
  late.remind = hold_reminder{};
  append(late);
  const auto due = [&] {
    return persistence::what_is_due(session_, due_kind::holds, all_shards(), end, 10, patience);
  };
  EXPECT_THAT(accounts_of(due()), ElementsAre(tenant_.genesis.account));
  EXPECT_EQ(rows_.load(std::vector{tenant_.genesis.account}).front().reminder.at, end);
  late.seq = author.account().seq;
  append(late);
  EXPECT_THAT(due(), IsEmpty());
}

TEST_F(DueStoreTest, AnswersShardByShard) {
  ledger_author author(tenant_.genesis);
  receive(author, std::chrono::hours{1});
  const auto later = start_of_test + std::chrono::hours{2};
  const auto mine = shard_of(tenant_.genesis.account);
  EXPECT_EQ(tenant_.genesis.account.value.bytes[15], mine);
  EXPECT_THAT(
      due_at(later, 10, {{mine, {}}}), ElementsAre(testing::Field("shard", &due_account::shard, mine))
  );
  EXPECT_THAT(
      due_at(later, 10, {{static_cast<std::int16_t>((mine + 1) % persistence::shard_count), {}}}), IsEmpty()
  );
}

TEST_F(DueStoreTest, ReadsOnBehindAPlace) {
  ledger_author author(tenant_.genesis);
  for (const int hours : {3, 1, 2})
    receive(author, std::chrono::hours{hours});
  const auto later = start_of_test + std::chrono::hours{4};
  const auto shard = shard_of(tenant_.genesis.account);
  const auto first = due_at(later, 2, {{shard, {}}});
  ASSERT_EQ(2u, first.size());
  EXPECT_EQ(start_of_test + std::chrono::hours{1}, first[0].where.at);
  EXPECT_EQ(start_of_test + std::chrono::hours{2}, first[1].where.at);
  const auto rest = due_at(later, 2, {{shard, first[1].where}});
  ASSERT_EQ(1u, rest.size());
  EXPECT_EQ(start_of_test + std::chrono::hours{3}, rest[0].where.at);
}

TEST_F(DueStoreTest, KnowsWhoseInboxWaits) {
  const auto id = fresh<inbox_id>();
  open_session owner(owner_options(database_));
  owner.execute(
      "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, principal_kind, "
      "principal_id,"
      " principal_application, request_id, created_at) VALUES ($1, $2, $3, 2, 5, 1, 'key-1', '', 'r', $4)",
      pg::parameters().add(id).add(tenant_.genesis.account).add(tenant_.id).add(start_of_test),
      patience
  );
  const auto waiting_since = [&](time_point before) {
    return accounts_of(
        persistence::what_is_due(session_, due_kind::inboxes, all_shards(), before, 10, patience)
    );
  };
  EXPECT_THAT(waiting_since(start_of_test - std::chrono::seconds{1}), IsEmpty());
  EXPECT_THAT(waiting_since(start_of_test), ElementsAre(tenant_.genesis.account));
  owner.execute(
      "UPDATE credit_inbox SET absorbed_seq = 1 WHERE inbox_id = $1", pg::parameters().add(id), patience
  );
  EXPECT_THAT(waiting_since(start_of_test), IsEmpty());
}

} // namespace
} // namespace tessera::test
