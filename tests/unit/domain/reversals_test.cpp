#include "actors/domain/reversals.hpp"
#include "messages/entry_names.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gmock/gmock.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using entry_type::debt_repaid;
using entry_type::expire;
using entry_type::reinstate;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto now = start_of_test;

/// An account that has spent `amount` of the lots that it was built with, and that spend.
struct spender {
  credit_account account;
  std::vector<lot> lots;
  entry spent;

  spender(const account_builder& with, std::int64_t amount) : account(with.build()), lots(account.lots) {
    auto command = consume(amount);
    command.meter = "tokens";
    command.occurred_at = now - 1h;
    const auto decision = decide(account, command, now);
    EXPECT_TRUE(decision.ok());
    spent = decision->back().booked;
    book(account, *decision);
  }

  /// After `reversed` of it were.
  reverse_spend back(std::optional<std::int64_t> amount = {}, std::int64_t reversed = 0) const {
    auto command = reverse(as_reversible(spent, lots), amount);
    command.spend.reversed = credits{reversed};
    return command;
  }
};

reverse_spend with_regrant(reverse_spend command) {
  command.regrants = true;
  command.regrant_lot = numbered<lot_id>(77);
  command.spend.regrant_expires_at = now + std::chrono::days{30};
  command.spend.regrant_expiry_date = "2026-01-30";
  return command;
}

TEST(ReversalTest, GivesUnitsBackToTheLotsThatTheyCameFrom) {
  spender given(an_account().with_lot(100, expires_in(30d)).with_lot(50, expires_in(60d)).with_lot(9), 120);
  auto command = given.back();
  command.caller_key = "key";
  command.idempotency = idempotency_key{numbered<uuid>(1), numbered<uuid>(2)};

  const auto decision = decide(given.account, command, now + 1s);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(types_of(*decision), ElementsAre(entry_type::reverse));
  const auto& booked = decision->front().booked;
  EXPECT_THAT(booked.slices, ElementsAre(part(100, 1), part(20, 2)));
  EXPECT_EQ(booked.after, figures(159, 0, 0));
  EXPECT_EQ(booked.usable_after, credits{159});
  EXPECT_EQ(booked.application, "crm");
  EXPECT_EQ(booked.meter, "tokens");
  EXPECT_EQ(booked.reference, transaction_id_of({test_account, given.spent.seq}));
  EXPECT_EQ(booked.occurred_at, now - 1h);
  EXPECT_EQ(booked.booked_at, now + 1s);
  EXPECT_EQ(booked.requested_by, given.spent.requested_by);
  EXPECT_EQ(booked.request_id, "req-7");
  EXPECT_EQ(booked.caller_key, "key");
  EXPECT_EQ(booked.idempotency, command.idempotency);
  carry_out(given.account, *decision);
  EXPECT_EQ(given.account.lots, given.lots);
}

/// Another node wrote it, or the lane has not told yet.
TEST(ReversalTest, GivesNothingBackOfASpendThatTheAccountDoesNotKnow) {
  const spender given(an_account().with_lot(100), 60);
  auto later = given.back();
  later.spend.as_of = given.account.seq + 1;
  const spender others(an_account().with_lot(100), 61); // as many entries, and another spend at the place
  auto forked = others.back();
  forked.spend.as_of = given.account.seq;

  EXPECT_EQ(decide(given.account, later, now).code(), errc::reversed_meanwhile);
  EXPECT_EQ(decide(given.account, forked, now).code(), errc::reversed_meanwhile);
}

/// What is left used is what the spend would have taken if it had been for less.
TEST(ReversalTest, GivesBackFirstWhatWasTakenLast) {
  spender given(an_account().with_lot(100, expires_in(30d)).with_lot(50, expires_in(60d)), 120);

  const auto first = decide(given.account, given.back(30), now);
  ASSERT_TRUE(first.ok());
  EXPECT_THAT(first->front().booked.slices, ElementsAre(part(10, 1), part(20, 2)));
  carry_out(given.account, *first);
  const auto second = decide(given.account, given.back(15, 30), now);
  ASSERT_TRUE(second.ok());
  EXPECT_THAT(second->front().booked.slices, ElementsAre(part(15, 1)));
  carry_out(given.account, *second);
  const auto rest = decide(given.account, given.back({}, 45), now);
  ASSERT_TRUE(rest.ok());
  EXPECT_THAT(rest->front().booked.slices, ElementsAre(part(75, 1)));
  carry_out(given.account, *rest);
  EXPECT_EQ(given.account.lots, given.lots);
}

struct amount_case {
  std::string name;
  std::optional<std::int64_t> amount;
  std::int64_t reversed;
  errc code;
  std::int64_t left;
};
void PrintTo(const amount_case& each, std::ostream* out) {
  *out << each.name;
}

class ReversalAmountTest : public testing::TestWithParam<amount_case> {};

TEST_P(ReversalAmountTest, NeverPassesTheSpend) {
  spender given(an_account().with_lot(100), 80);
  const auto& param = GetParam();

  const auto decision = decide(given.account, given.back(param.amount, param.reversed), now);

  EXPECT_EQ(decision.code(), param.code);
  EXPECT_EQ(decision.why().would_allow, credits{param.left});
}

INSTANTIATE_TEST_SUITE_P(
    Edges,
    ReversalAmountTest,
    testing::Values(
        amount_case{"AllOfIt", 80, 0, errc::ok, 0},
        amount_case{"OneTooMany", 81, 0, errc::nothing_to_reverse, 80},
        amount_case{"WhatIsLeft", 20, 60, errc::ok, 0},
        amount_case{"OneMoreThanIsLeft", 21, 60, errc::nothing_to_reverse, 20},
        amount_case{"AllOfNothing", std::nullopt, 80, errc::nothing_to_reverse, 0},
        amount_case{"OneOfNothing", 1, 80, errc::nothing_to_reverse, 0},
        amount_case{"Nothing", 0, 0, errc::nothing_to_reverse, 80},
        amount_case{"LessThanNothing", -1, 0, errc::nothing_to_reverse, 80},
        amount_case{"TheLimit", credits::limit, 0, errc::nothing_to_reverse, 80}
    ),
    [](const auto& row) { return row.param.name; }
);

TEST(ReversalTest, IsTheSpendersOrAnAdministrators) {
  const spender given(an_account().with_lot(100), 80);
  auto command = given.back();
  command.requested_by.application = "hr"; // the principal counts, wherever it calls from
  EXPECT_TRUE(decide(given.account, command, now).ok());
  command.requested_by.id = "key-2";
  EXPECT_EQ(decide(given.account, command, now).code(), errc::not_the_spender);
  command.requested_by = {principal_kind::user, "key-1", "crm"};
  EXPECT_EQ(decide(given.account, command, now).code(), errc::not_the_spender);
  command.administers = true;
  EXPECT_TRUE(decide(given.account, command, now).ok());
}

TEST(ReversalTest, SaysFirstWhoMayNotAsk) {
  const spender given(an_account().with_lot(100), 80);
  auto command = given.back(81);
  command.requested_by.id = "key-2";
  EXPECT_EQ(decide(given.account, command, now).code(), errc::not_the_spender);
}

TEST(ReversalTest, BringsALotBackThatWasEmptied) {
  spender given(an_account().with_lot(100, only_for("crm"), priority(3), expires_in(30d)), 100);
  ASSERT_THAT(given.account.lots, IsEmpty());

  const auto decision = decide(given.account, given.back(40), now);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(decision->front().reopened, SizeIs(1));
  EXPECT_EQ(decision->front().reopened.front().free, credits{0});
  carry_out(given.account, *decision);
  auto expected = given.lots.front();
  expected.free = credits{40};
  EXPECT_THAT(given.account.lots, ElementsAre(expected));
  EXPECT_EQ(restore(snapshot_of(given.account)), given.account);
}

/// It is known again as it was opened: what joined it later is seen once it is back.
TEST(ReversalTest, ALotThatOthersJoinedIsAsLargeAsWhatItHas) {
  auto account = an_account().with_lot(100).build();
  const auto opened = account.lots;
  book(account, *decide(account, receive(a_lot(9, 50, [](lot& x) { x.root = numbered<lot_id>(1); })), now));
  ASSERT_THAT(account.lots, SizeIs(1));
  const auto decision = decide(account, consume(150), now);
  const auto spent = decision->front().booked;
  book(account, *decision);
  ASSERT_THAT(account.lots, IsEmpty());

  carry_out(account, *decide(account, reverse(as_reversible(spent, opened), 120), now));

  EXPECT_EQ(account.lots.front().free, credits{120});
  EXPECT_EQ(account.lots.front().amount, credits{120});
  EXPECT_EQ(restore(snapshot_of(account)), account);
}

TEST(ReversalTest, OfACaptureGivesBackLikeThatOfASpend) {
  auto account = an_account().with_lot(50, expires_in(30d)).with_lot(50).build();
  const auto lots = account.lots;
  book(account, *decide(account, hold(90), now));
  const auto decision = decide(account, capture(account.seq, 70), now);
  const auto captured = decision->front().booked;
  book(account, *decision);

  const auto reversed = decide(account, reverse(as_reversible(captured, lots), 30), now);

  ASSERT_TRUE(reversed.ok());
  EXPECT_THAT(reversed->front().booked.slices, ElementsAre(part(10, 1), part(20, 2)));
  carry_out(account, *reversed);
  EXPECT_EQ(account.totals.now, figures(60, 0, 40));
}

// Lots that are over

TEST(ReversalTest, WhatComesBackToALotThatIsOverExpiresAtOnce) {
  spender given(an_account().with_lot(100, expires_in(10s)).with_lot(50), 120);

  const auto decision = decide(given.account, given.back(), now + 10s);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(types_of(*decision), ElementsAre(entry_type::reverse, expire));
  const auto& expired = decision->back().booked;
  EXPECT_EQ(decision->front().booked.usable_after, credits{50});
  EXPECT_THAT(expired.slices, ElementsAre(part(100, 1)));
  EXPECT_EQ(expired.reference, transaction_id_of({test_account, decision->front().booked.seq}));
  EXPECT_EQ(cause_of(expired), "reversed_after_expiry");
  EXPECT_EQ(expired.request_id, "req-7");
  carry_out(given.account, *decision);
  EXPECT_EQ(given.account.totals.now, figures(50, 0, 0));
  EXPECT_EQ(given.account.totals.expired, credits{100});
}

TEST(ReversalTest, WhatIsHeldOfALotThatIsOverStaysHeld) {
  auto account = an_account().with_lot(100, expires_in(10s)).build();
  const auto lots = account.lots;
  const auto spend_of_it = decide(account, consume(60), now);
  const auto spent = spend_of_it->front().booked;
  book(account, *spend_of_it);
  book(account, *decide(account, hold(40, 60s), now));

  const auto decision = decide(account, reverse(as_reversible(spent, lots)), now + 20s);

  carry_out(account, *decision);
  EXPECT_EQ(account.totals.now, figures(0, 40, 0));
  EXPECT_EQ(account.totals.expired, credits{60});
}

/// To the microsecond: no lot ends between the entries of a reversal.
TEST(ReversalTest, ALotThatEndsAMomentLaterComesBackAliveOrNotAtAll) {
  for (const auto moment : {1us, 2us, 3us, 4us, 5us, 6us}) {
    spender given(an_account().with_lot(100, expires_in(1s + moment)), 100);
    given.account.totals.now.debt = credits{10};

    const auto decision = decide(given.account, given.back(), now + 1s);

    ASSERT_TRUE(decision.ok());
    const auto& last = decision->back().booked;
    EXPECT_EQ(last.type, last.booked_at < now + 1s + moment ? debt_repaid : expire);
    book(given.account, *decision);
  }
}

TEST(ReversalTest, WhatExpiredMayBeGrantedAnewAsALotOfItsOwn) {
  spender given(an_account().with_lot(100, expires_in(10s), priority(7)).with_lot(50), 120);

  const auto decision = decide(given.account, with_regrant(given.back()), now + 20s);

  ASSERT_TRUE(decision.ok());
  ASSERT_THAT(types_of(*decision), ElementsAre(entry_type::reverse, expire, reinstate));
  const auto& booked = decision->back().booked;
  EXPECT_EQ(booked.units, credits{100});
  EXPECT_EQ(booked.reference, transaction_id_of({test_account, given.spent.seq}));
  ASSERT_THAT(decision->back().opened, SizeIs(1));
  const auto& opened = decision->back().opened.front();
  EXPECT_EQ(opened.id, numbered<lot_id>(77));
  EXPECT_EQ(opened.root, opened.id);
  EXPECT_EQ(opened.parent, std::nullopt);
  EXPECT_EQ(opened.kind, lot_kind::reinstated);
  EXPECT_EQ(opened.priority, 7);
  EXPECT_EQ(opened.expires_at, now + std::chrono::days{30});
  EXPECT_EQ(opened.expiry_date, "2026-01-30");
  EXPECT_EQ(opened.purchase_id, "");
  EXPECT_EQ(opened.amount, credits{100});
  EXPECT_EQ(booked.usable_after, credits{150});
  carry_out(given.account, *decision);
  EXPECT_EQ(given.account.totals.lifetime_in, credits{250});
}

TEST(ReversalTest, GrantsNothingAnewWhereNothingIsOver) {
  spender given(an_account().with_lot(100), 80);

  const auto decision = decide(given.account, with_regrant(given.back()), now);

  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::reverse));
}

/// Whatever order the lots burnt in: units for one application never come back for any.
TEST(ReversalTest, WhatIsGrantedAnewIsForNobodyElse) {
  for (const bool scoped_first : {true, false}) {
    const auto scoped = only_for({"crm", "hr"});
    const auto any = [](lot&) {};
    spender given(
        an_account()
            .with_lot(50, expires_in(10s), scoped_first ? scoped : lot_trait(any))
            .with_lot(50, expires_in(11s), scoped_first ? lot_trait(any) : scoped),
        100
    );

    const auto decision = decide(given.account, with_regrant(given.back()), now + 20s);

    ASSERT_TRUE(decision.ok());
    EXPECT_THAT(decision->back().opened.front().applications, ElementsAre("crm"));
  }
}

TEST(ReversalTest, WhatIsGrantedAnewMustFit) {
  spender given(an_account().with_lot(credits::limit, expires_in(10s)), credits::limit);

  EXPECT_EQ(decide(given.account, with_regrant(given.back()), now + 20s).code(), errc::amount_out_of_range);
  EXPECT_TRUE(decide(given.account, given.back(), now + 20s).ok());
}

TEST(ReversalTest, RepaysADebtLastAndFromWhatWasGrantedAnew) {
  spender given(an_account().with_lot(100, expires_in(10s)), 100);
  given.account.totals.now.debt = credits{30};

  const auto decision = decide(given.account, with_regrant(given.back()), now + 20s);

  ASSERT_TRUE(decision.ok());
  EXPECT_THAT(types_of(*decision), ElementsAre(entry_type::reverse, expire, reinstate, debt_repaid));
  EXPECT_THAT(decision->back().booked.slices, ElementsAre(part(30, 77)));
}

} // namespace
} // namespace tessera::test
