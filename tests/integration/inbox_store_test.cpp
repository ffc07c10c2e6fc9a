// Rows of inboxes, and what the database itself makes sure of, against a real PostgreSQL.
#include "persistence/stores/allocation_store.hpp"
#include "persistence/stores/entity_store.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using enum persistence::append_status;
using testing::HasSubstr;
using testing::SizeIs;

const std::string& database() {
  static const auto name = migrated_database();
  return name;
}

class InboxStoreTest : public testing::Test {
protected:
  InboxStoreTest() { EXPECT_EQ(append(author.receive(a_lot(fresh_number(), 100))), committed); }

  persistence::append_status append(const write_set& writes) {
    const write_set* round[] = {&writes};
    return store.append(round).status;
  }
  entry organization(const made_tenant& whose) {
    return make_organization(database(), whose, "org-" + std::to_string(fresh_number()));
  }
  instruction asked_of(inbox_kind kind, std::int64_t wanted = 0) {
    instruction asked;
    asked.id = fresh<inbox_id>();
    asked.account = author.account().id;
    asked.kind = kind;
    asked.wanted = credits{wanted};
    asked.requested_by = {principal_kind::user, "usr-1", "crm"};
    asked.reference = "rfd-1";
    return asked;
  }
  instruction recall(const account_id& to, std::int64_t wanted = 40) {
    auto asked = asked_of(inbox_kind::recall, wanted);
    asked.to = to;
    asked.carrier = fresh<inbox_id>();
    return asked;
  }
  /// The constraint that keeps it out; empty: it is in.
  std::string leave(const instruction& row, const made_tenant* as = nullptr) {
    const auto& whose = (as ? *as : tenant).id;
    try {
      in_transaction(api, whose, [&](auto& in) {
        persistence::leave(in, whose, row);
        return true;
      });
      return "";
    } catch (const pg::error& why) {
      return why.constraint().empty() ? std::string(why.what()) : std::string(why.constraint());
    }
  }
  persistence::inbox_outcome outcome(const inbox_id& row) {
    return *in_transaction(api, tenant.id, [&](auto& in) {
      return persistence::outcome_of(in, tenant.id, row);
    });
  }
  std::vector<allocation> allocations(std::optional<account_id> of = {}) {
    list_allocations query;
    query.tenant = tenant.id;
    query.entity = of;
    return in_transaction(
               api, tenant.id, [&](auto& in) { return persistence::allocations_of(in, query); }
    ).allocations;
  }
  errc why_not_deletable(const account_id& account) {
    return in_transaction(api, tenant.id, [&](auto& in) {
      return persistence::why_not_deletable(in, tenant.id, account);
    });
  }

  made_tenant tenant = make_tenant(database());
  made_tenant stranger = make_tenant(database());
  open_session api{api_options(database())};
  persistence::pg_journal_store store{service_url(database()), test_writer, patience};
  persistence::pg_account_store rows{service_url(database()), "inbox", patience};
  ledger_author author{organization(tenant)};
};

TEST_F(InboxStoreTest, TheRowIsTheAnswer) {
  const auto asked = recall(tenant.genesis.account, 150);
  ASSERT_EQ(leave(asked), "");
  EXPECT_TRUE(outcome(asked.id).waits());
  ASSERT_EQ(append(author.carry_out(asked)), committed);
  const auto done = outcome(asked.id);
  EXPECT_EQ(done.carried_out, (entry_place{author.account().id, author.account().seq}));
  EXPECT_EQ(done.fulfilled, credits{100});

  const auto pays = [&] {
    auto row = asked_of(inbox_kind::pay_back, 1);
    row.holds = {9};
    return row;
  }();
  ASSERT_EQ(leave(pays), "");
  write_set writes;
  writes.account = author.account().id;
  writes.refused.emplace_back(pays.id, errc::hold_not_open);
  ASSERT_EQ(append(writes), committed);
  EXPECT_EQ(outcome(pays.id).refused_code, "hold_not_open");
  EXPECT_FALSE(outcome(pays.id).waits());
}

TEST_F(InboxStoreTest, ARowSaysWhatItsKindNeeds) {
  constexpr auto needs = "credit_inbox_says_what_it_asks";
  constexpr auto somebody = "credit_inbox_moves_to_somebody";
  EXPECT_EQ(leave(asked_of(inbox_kind::set_aside, 5)), needs) << "no time to live";
  auto no_amount = asked_of(inbox_kind::set_aside);
  no_amount.ttl = 1h;
  EXPECT_EQ(leave(no_amount), needs);
  auto spends = asked_of(inbox_kind::set_aside, 5);
  spends.ttl = 1h;
  spends.purpose = hold_purpose::spend;
  EXPECT_EQ(leave(spends), needs);
  EXPECT_EQ(leave(asked_of(inbox_kind::let_go)), needs) << "no hold";
  EXPECT_EQ(leave(asked_of(inbox_kind::pay_back, 5)), needs);
  EXPECT_EQ(leave(asked_of(inbox_kind::claw_back)), needs);
  EXPECT_EQ(leave(asked_of(inbox_kind::freeze, 1)), needs);
  EXPECT_EQ(leave(asked_of(static_cast<inbox_kind>(24))), needs);
  EXPECT_EQ(leave(asked_of(static_cast<inbox_kind>(8), 1)), needs);
  auto nobody = recall({});
  nobody.to.reset();
  EXPECT_EQ(leave(nobody), somebody);
  EXPECT_EQ(leave(recall(author.account().id)), somebody) << "to itself";
}

TEST_F(InboxStoreTest, OneRowBringsWhatOneInstructionMoves) {
  const auto first = recall(tenant.genesis.account);
  auto second = recall(tenant.genesis.account);
  second.carrier = first.carrier;
  EXPECT_EQ(leave(first), "");
  EXPECT_EQ(leave(second), "credit_inbox_carried");
}

/// It would be met at each reading of the inbox.
TEST_F(InboxStoreTest, NothingIsLeftThatCantBeCarriedOut) {
  const auto gone = organization(tenant);
  in_transaction(api, tenant.id, [&](auto& in) {
    persistence::delete_entity(in, tenant.id, gone.account);
    return true;
  });
  EXPECT_EQ(leave(recall(gone.account)), "credit_inbox_receiver_exists");
  auto to_the_dead = asked_of(inbox_kind::freeze);
  to_the_dead.account = gone.account;
  EXPECT_EQ(leave(to_the_dead), "credit_inbox_entity_exists");
  auto for_ever = asked_of(inbox_kind::set_aside, 5);
  for_ever.ttl = most_days_set_aside;
  EXPECT_EQ(leave(for_ever), "");
  for_ever.id = fresh<inbox_id>();
  for_ever.ttl += 1us;
  EXPECT_EQ(leave(for_ever), "credit_inbox_set_aside_for_a_while");
}

TEST_F(InboxStoreTest, WhatAnInstructionMovesHasOneName) {
  const auto asked = recall(tenant.genesis.account);
  ASSERT_EQ(leave(asked), "");
  const auto writes = author.carry_out(asked);
  ASSERT_EQ(append(writes), committed);
  const auto listed = allocations(author.account().id);
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed.front().id, "alloc-" + to_string(asked.carrier));
  EXPECT_EQ(writes.events.back().booked.reference, listed.front().id);
  EXPECT_EQ(writes.sent.front().reference, listed.front().id);
}

// The tenant's wall

TEST_F(InboxStoreTest, NobodyIsAskedForAnotherTenant) {
  EXPECT_EQ(leave(recall(stranger.genesis.account)), "credit_inbox_receiver_exists");
  EXPECT_EQ(leave(recall(tenant.genesis.account), &stranger), "credit_inbox_entity_exists");
}

TEST_F(InboxStoreTest, CreditsGoWhereTheyWereToldTo) {
  const auto asked = recall(tenant.genesis.account);
  ASSERT_EQ(leave(asked), "");
  auto elsewhere = author;
  auto writes = elsewhere.carry_out(asked);
  writes.sent.front().account = organization(tenant).account;
  EXPECT_EQ(append(writes), refused);
  writes.sent.front().account = stranger.genesis.account;
  EXPECT_EQ(append(writes), refused);
  EXPECT_EQ(append(author.carry_out(asked)), committed);
}

TEST_F(InboxStoreTest, CreditsThatGoUpStayWithTheirTenant) {
  for (const auto kind : {inbox_kind::give_back, inbox_kind::reclaim}) {
    auto leaving = author;
    EXPECT_EQ(
        append(leaving.send_up(kind, {stranger.genesis.account, credits{5}, fresh<inbox_id>()})), refused
    );
  }
}

// What moved is an allocation

TEST_F(InboxStoreTest, WhatGoesUpIsRecordedLikeAnAllocation) {
  ledger_author above(tenant.genesis);
  const auto sent =
      author.send_up(inbox_kind::give_back, {tenant.genesis.account, credits{30}, fresh<inbox_id>()});
  ASSERT_EQ(append(sent), committed);
  ASSERT_THAT(allocations(), SizeIs(1));
  EXPECT_EQ(allocations()[0].kind, inbox_kind::give_back);
  EXPECT_EQ(allocations()[0].id, sent.sent.front().reference);
  EXPECT_EQ(allocations()[0].from_balance, credits{70});
  EXPECT_EQ(allocations()[0].legs[0].status, leg_status::pending);

  ASSERT_EQ(append(above.receive(sent.sent.front())), committed);
  const auto after = allocations(tenant.genesis.account);
  ASSERT_THAT(after, SizeIs(1));
  EXPECT_EQ(after[0].legs[0].status, leg_status::completed);
  EXPECT_EQ(after[0].legs[0].new_balance, credits{30});
  ASSERT_THAT(after[0].legs[0].lots, SizeIs(1));
  EXPECT_EQ(after[0].legs[0].lots[0].lot, above.account().lots.front().id);
}

/// Five descendants may be asked on behalf of one refund.
TEST_F(InboxStoreTest, WhatIsRecalledForOnePurposeIsAnAllocationEach) {
  ledger_author other(organization(tenant));
  ASSERT_EQ(append(other.receive(a_lot(fresh_number(), 100))), committed);
  for (auto* each : {&author, &other}) {
    auto asked = recall(tenant.genesis.account);
    asked.account = each->account().id;
    ASSERT_EQ(leave(asked), "");
    ASSERT_EQ(append(each->carry_out(asked)), committed);
  }
  const auto found = allocations();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_NE(found[0].id, found[1].id);
  for (const auto& each : found) {
    EXPECT_EQ(each.kind, inbox_kind::reclaim);
    EXPECT_THAT(each.id, HasSubstr("alloc-"));
  }

  ledger_author above(tenant.genesis);
  const auto history = rows.load(std::vector{tenant.genesis.account}).front();
  for (const auto& row : history.waiting)
    ASSERT_EQ(append(above.receive(arrival(row))), committed);
  for (const auto& each : allocations())
    EXPECT_EQ(each.legs[0].status, leg_status::completed);
}

TEST_F(InboxStoreTest, ADebtTakesItsPartOfWhatArrives) {
  ledger_author above(tenant.genesis);
  auto claw = asked_of(inbox_kind::claw_back, 25);
  claw.account = tenant.genesis.account;
  ASSERT_EQ(leave(claw), "");
  ASSERT_EQ(append(above.carry_out(claw)), committed);
  const auto sent =
      author.send_up(inbox_kind::reclaim, {tenant.genesis.account, credits{40}, fresh<inbox_id>()});
  ASSERT_EQ(append(sent), committed);
  ASSERT_EQ(append(above.receive(sent.sent.front())), committed);
  EXPECT_EQ(allocations()[0].legs[0].new_balance, credits{15});
}

// Deletion

TEST_F(InboxStoreTest, WhoOwesOrIsAskedIsNotDeleted) {
  ledger_author debtor(organization(tenant));
  auto claw = asked_of(inbox_kind::claw_back, 25);
  claw.account = debtor.account().id;
  ASSERT_EQ(leave(claw), "");
  EXPECT_EQ(why_not_deletable(debtor.account().id), errc::entity_has_pending) << "a row waits";
  ASSERT_EQ(append(debtor.carry_out(claw)), committed);
  EXPECT_EQ(why_not_deletable(debtor.account().id), errc::entity_has_pending) << "it owes";
  ASSERT_EQ(append(debtor.receive(a_lot(fresh_number(), 25))), committed);
  EXPECT_EQ(why_not_deletable(debtor.account().id), errc::ok);

  const auto receiver = organization(tenant).account;
  EXPECT_EQ(why_not_deletable(receiver), errc::ok);
  ASSERT_EQ(leave(recall(receiver)), "");
  EXPECT_EQ(why_not_deletable(receiver), errc::entity_has_pending) << "something will be sent to it";
}

TEST_F(InboxStoreTest, WhatIsSetAsideStandsInTheWayOfADeletion) {
  ledger_author holder(organization(tenant));
  ASSERT_EQ(append(holder.receive(a_lot(fresh_number(), 25))), committed);
  auto aside = asked_of(inbox_kind::set_aside, 25);
  aside.account = holder.account().id;
  aside.ttl = 720h;
  ASSERT_EQ(leave(aside), "");
  ASSERT_EQ(append(holder.carry_out(aside)), committed);
  EXPECT_EQ(why_not_deletable(holder.account().id), errc::entity_has_holds);
}

} // namespace
} // namespace tessera::test
