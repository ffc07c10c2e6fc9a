// What of a spend can be reversed, against a real PostgreSQL.
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/reversal_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"
#include "tests/support/reversible.hpp"
#include "tests/support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::SizeIs;

const std::string& database() {
  static const auto name = migrated_database();
  return name;
}

class ReversalStoreTest : public testing::Test {
protected:
  ReversalStoreTest() {
    auto terms = a_lot(fresh_number(), 100, expires_in(24h), priority(3));
    terms.expiry_date = "2026-01-01";
    terms.purchase_id = "pur-1";
    append(author.receive(terms));
    append(author.receive(a_lot(fresh_number(), 50)));
  }

  void append(const write_set& writes) {
    const write_set* round[] = {&writes};
    ASSERT_EQ(store.append(round).status, persistence::append_status::committed);
  }
  result<reversible_spend> find(reversible_query query) {
    query.tenant = tenant.id;
    return in_transaction(api, tenant.id, [&](auto& in) { return persistence::find_reversible(in, query); });
  }
  result<reversible_spend> find(std::uint64_t seq) { return find({{}, {author.account().id, seq}, {}, {}}); }

  made_tenant tenant = make_tenant(database());
  open_session api{api_options(database())};
  persistence::pg_journal_store store{service_url(database()), test_writer, patience};
  ledger_author author{tenant.genesis};
};

TEST_F(ReversalStoreTest, ReadsASpendAndTheLotsThatItTookFrom) {
  append(author.spend(120));
  const auto seq = author.account().seq;
  append(author.spend(5));
  const auto found = find(seq);
  ASSERT_TRUE(found.ok());
  const auto expected = author.spent_by(seq);
  EXPECT_EQ(found->spent, expected.spent);
  EXPECT_EQ(found->type, entry_type::spend);
  EXPECT_EQ(found->slices, expected.slices);
  ASSERT_THAT(found->slices, SizeIs(2));
  EXPECT_EQ(found->application, "crm");
  EXPECT_EQ(found->spender, expected.spender);
  EXPECT_EQ(found->occurred_at, expected.occurred_at);
  EXPECT_EQ(found->reversed, credits{0});
  EXPECT_EQ(found->as_of, author.account().seq);
  EXPECT_FALSE(found->regrant_expires_at);
  ASSERT_THAT(found->lots, SizeIs(2));
  for (const auto& part : found->slices) {
    const auto by_id = [&](const lot& each) { return each.id == part.lot; };
    const auto read = std::ranges::find_if(found->lots, by_id);
    const auto opened = std::ranges::find_if(expected.lots, by_id);
    ASSERT_NE(read, found->lots.end());
    EXPECT_EQ(*read, *opened); // as it was opened, but empty
  }
}

TEST_F(ReversalStoreTest, KnowsWhatWasReversedAndWhen) {
  append(author.spend(120));
  const auto seq = author.account().seq;
  append(author.reverse(seq, 30));
  append(author.reverse(seq, 25));
  append(author.spend(1));
  const auto found = find(seq);
  EXPECT_EQ(found->reversed, credits{55});
  EXPECT_EQ(found->as_of, author.account().seq);
  // What it says is what the account decides on.
  append(author.reverse(reversal_of(*found)));
  EXPECT_EQ(find(seq)->reversed, credits{120});
}

/// A lot that was raised by what arrived later comes back as it was opened.
TEST_F(ReversalStoreTest, ALotComesWithWhatItWasOpenedWith) {
  ledger_author receiver(make_organization(database(), tenant, "org-" + std::to_string(fresh_number())));
  for (int i = 0; i < 2; ++i) {
    const auto sent = author.allocate({{receiver.account().id, credits{10}, fresh<inbox_id>()}});
    append(sent);
    append(receiver.receive(sent.sent.front()));
  }
  append(receiver.spend(20));
  const auto found = find({{}, {receiver.account().id, receiver.account().seq}, {}, {}});
  ASSERT_THAT(found->lots, SizeIs(1));
  EXPECT_EQ(found->lots.front().amount, credits{10});
}

TEST_F(ReversalStoreTest, ACaptureIsReversedToo) {
  append(author.hold(20, 24h));
  append(author.capture(author.account().seq, 20));
  EXPECT_EQ(find(author.account().seq)->type, entry_type::capture);
}

TEST_F(ReversalStoreTest, SaysWhenCreditsEndThatAreGrantedAnew) {
  append(author.spend(120));
  const auto found = find({{}, {author.account().id, author.account().seq}, 30, {}});
  ASSERT_TRUE(found->regrant_expires_at);
  EXPECT_GT(*found->regrant_expires_at, std::chrono::system_clock::now() + 30 * 24h);
  EXPECT_LE(*found->regrant_expires_at, std::chrono::system_clock::now() + 31 * 24h);
  EXPECT_EQ(found->regrant_expiry_date.size(), 10u);
}

TEST_F(ReversalStoreTest, OfOtherEntriesThereIsNothingToReverse) {
  EXPECT_EQ(find(1).code(), errc::nothing_to_reverse);
  append(author.spend(10));
  append(author.reverse(author.account().seq));
  EXPECT_EQ(find(author.account().seq).code(), errc::nothing_to_reverse) << "a reversal itself";
}

TEST_F(ReversalStoreTest, WhatIsNotThereOrAnotherApplicationsIsUnknown) {
  append(author.spend(10));
  const entry_place spent{author.account().id, author.account().seq};
  EXPECT_EQ(find(77).code(), errc::transaction_unknown);
  EXPECT_EQ(find({{}, {fresh<account_id>(), 1}, {}, {}}).code(), errc::transaction_unknown);
  EXPECT_EQ(find({{}, spent, {}, "hr"}).code(), errc::transaction_unknown);
  EXPECT_TRUE(find({{}, spent, {}, "crm"}).ok());
}

/// What happens while a round with a reversal waits, which it does for a key of its own that another session
/// holds.
class ReversalBesideOthersTest : public ReversalStoreTest {
protected:
  ReversalBesideOthersTest() {
    append(author.spend(120));
    before_ = snapshot_of(author.account());
    reversal_ = author.reverse(author.account().seq);
    reversal_.remembered = recorded_spend{
        .idempotency = a_key(fresh_number()), .account = author.account().id, .would_allow = {}};
  }

  void hold_its_key() {
    owner_.execute("BEGIN", {}, patience);
    owner_.execute(
        "INSERT INTO credit_answers (idempotency_key, fingerprint, account_id, tenant_id, seq, blocker, "
        "requested, available, would_allow) VALUES ($1, $1, $2, $3, 0, 0, 0, 0, 0)",
        pg::parameters().add(reversal_.remembered->idempotency.key).add(author.account().id).add(tenant.id),
        patience
    );
  }
  void let_go_of_its_key() { owner_.execute("ROLLBACK", {}, patience); }

  bool waits_for_a_lock(const std::string& application) {
    return wait_until(milliseconds{5'000}, [&] {
      return watcher_
          .execute(
              "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = "
              "'Lock'",
              pg::parameters().add(application),
              patience
          )
          .boolean(0, 0);
    });
  }
  std::future<persistence::append_status> append_meanwhile() {
    return std::async(std::launch::async, [this] {
      const write_set* round[] = {&reversal_};
      return store.append(round).status;
    });
  }
  credit_account loaded() {
    const account_id wanted[] = {author.account().id};
    return fold(rows_.load(wanted).at(0));
  }

  account_snapshot before_;
  write_set reversal_;
  persistence::pg_account_store rows_{service_url(database()), "test-accounts", patience};

private:
  open_session owner_{owner_options(database())};
  open_session watcher_{owner_options(database())};
};

/// The snapshot does not know the lot that is there again, and may not take its mark away.
TEST_F(ReversalBesideOthersTest, ALotThatIsThereAgainStaysWhileASnapshotIsWritten) {
  hold_its_key();
  auto appended = append_meanwhile();
  ASSERT_TRUE(waits_for_a_lock("tessera-lane"));
  auto saved = std::async(std::launch::async, [this] { rows_.save(std::span(&before_, 1)); });
  ASSERT_TRUE(waits_for_a_lock("test-accounts"));
  let_go_of_its_key();
  ASSERT_EQ(appended.get(), persistence::append_status::committed);
  saved.get();
  EXPECT_EQ(loaded(), author.account());
  append(author.spend(7));
  EXPECT_EQ(loaded(), author.account());
}

/// Who deletes an entity has seen that it has nothing.
TEST_F(ReversalBesideOthersTest, NothingComesBackToAnEntityThatIsGone) {
  ledger_author gone(make_organization(database(), tenant, "org-" + std::to_string(fresh_number())));
  append(gone.receive(a_lot(fresh_number(), 20)));
  append(gone.spend(20));
  reversal_ = gone.reverse(gone.account().seq);

  pg::transaction deletion(api, tenant.id, patience);
  ASSERT_EQ(persistence::why_not_deletable(deletion, tenant.id, gone.account().id), errc::ok);
  auto appended = append_meanwhile();
  ASSERT_TRUE(waits_for_a_lock("tessera-lane"));
  persistence::delete_entity(deletion, tenant.id, gone.account().id);
  deletion.commit();
  EXPECT_EQ(appended.get(), persistence::append_status::closed);
}

} // namespace
} // namespace tessera::test
