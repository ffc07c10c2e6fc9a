// What of a spend can be reversed, against a real PostgreSQL.
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/reversal_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"
#include "tests/support/reversible.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

} // namespace
} // namespace tessera::test
