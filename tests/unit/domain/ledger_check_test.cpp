#include "actors/domain/freezes.hpp"
#include "actors/domain/instructions.hpp"
#include "actors/domain/ledger_check.hpp"
#include "actors/domain/reversals.hpp"
#include "tests/unit/domain/ledger.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

/// An account with one lot of 100, and a spend of 30 as its next entry.
struct checked {
  credit_account account;
  account_event next;

  checked() {
    evolve(account, genesis(start_of_test));
    book(account, *decide(account, receive(a_lot(1, 100)), start_of_test + 1s));
    next = decide(account, consume(30), start_of_test + 2s)->front();
  }
};

TEST(LedgerCheckTest, FindsNothingInWhatTheRulesDecided) {
  const checked sound;
  EXPECT_EQ(flaw_of(sound.account, sound.next), "");
  const auto received = decide(sound.account, receive(a_lot(2, 5)), start_of_test + 2s)->front();
  EXPECT_EQ(flaw_of(sound.account, received), "");
  EXPECT_EQ(flaw_of(credit_account{}, genesis(start_of_test)), "");
}

struct damage {
  const char* name;
  void (*change)(checked&);
};
void PrintTo(const damage& given, std::ostream* out) {
  *out << given.name;
}

class DamagedEntryTest : public testing::TestWithParam<damage> {};

TEST_P(DamagedEntryTest, IsFoundBeforeItIsApplied) {
  checked given;
  GetParam().change(given);
  EXPECT_NE(flaw_of(given.account, given.next), "");
}

INSTANTIATE_TEST_SUITE_P(
    Entries,
    DamagedEntryTest,
    testing::Values(
        damage{"Gap", [](checked& c) { ++c.next.booked.seq; }},
        damage{"Repeated", [](checked& c) { --c.next.booked.seq; }},
        damage{"Type", [](checked& c) { c.next.booked.type = static_cast<entry_type>(99); }},
        damage{"TypeThatIsNotBuilt", [](checked& c) { c.next.booked.type = entry_type::adjust; }},
        damage{"SecondGenesis", [](checked& c) { c.next.booked.type = entry_type::genesis; }},
        damage{"Account", [](checked& c) { c.next.booked.account = numbered<account_id>(9); }},
        damage{"Tenant", [](checked& c) { c.next.booked.tenant = numbered<tenant_id>(9); }},
        damage{"Time", [](checked& c) { c.next.booked.booked_at = c.account.booked_at; }},
        damage{"Units", [](checked& c) { c.next.booked.units = credits{31}; }},
        damage{"NegativeUnits", [](checked& c) { c.next.booked.units = credits{-30}; }},
        damage{"Available", [](checked& c) { c.next.booked.after.available += credits{1}; }},
        damage{"Reserved", [](checked& c) { c.next.booked.after.reserved += credits{1}; }},
        damage{"Used", [](checked& c) { c.next.booked.after.used += credits{1}; }},
        damage{"Debt", [](checked& c) { c.next.booked.after.debt += credits{1}; }},
        damage{"SliceOfNoLot", [](checked& c) { c.next.booked.slices[0].lot = numbered<lot_id>(9); }},
        damage{"SliceTooSmall", [](checked& c) { c.next.booked.slices[0].units = credits{29}; }},
        damage{"NoSlices", [](checked& c) { c.next.booked.slices.clear(); }},
        damage{"MoreThanTheLotHas", [](checked& c) { c.account.lots[0].free = credits{29}; }},
        damage{
            "ALotOpenedBySpending",
            [](checked& c) { c.next.opened.push_back(a_lot(9, 30, opened_by(c.next.booked.seq))); }},
        damage{
            "ALotWithoutItsSlice",
            [](checked& c) {
              c.next = decide(c.account, receive(a_lot(2, 5)), start_of_test + 2s)->front();
              c.next.opened.push_back(a_lot(3, 5, opened_by(c.next.booked.seq)));
            }},
        damage{
            "ALotTwice",
            [](checked& c) {
              c.next = decide(c.account, receive(a_lot(2, 5)), start_of_test + 2s)->front();
              c.next.opened[0].id = c.next.booked.slices[0].lot = c.account.lots[0].id;
            }},
        damage{
            "ALotThatIsNotWhole",
            [](checked& c) {
              c.next = decide(c.account, receive(a_lot(2, 5)), start_of_test + 2s)->front();
              c.next.opened[0].free = credits{6};
            }},
        damage{
            "ALotThatComesBackBySpending",
            [](checked& c) {
              auto emptied = a_lot(1, 100);
              emptied.free = credits{};
              c.next.reopened = {emptied};
            }},
        damage{
            "MoreForALotThanItOpensWith",
            [](checked& c) {
              c.next = decide(c.account, receive(a_lot(2, 5)), start_of_test + 2s)->front();
              c.next.booked.slices.push_back({c.next.opened[0].id, credits{3}});
              c.next.booked.units += credits{3};
              c.next.booked.after.available += credits{3};
            }},
        damage{
            "MoreThanEverCameIn",
            [](checked& c) {
              c.next = decide(c.account, receive(a_lot(2, 5)), start_of_test + 2s)->front();
              c.account.totals.lifetime_in = credits{(std::int64_t{1} << 62) - 4};
            }},
        damage{
            "ALotOfAnotherSeq",
            [](checked& c) {
              c.next = decide(c.account, receive(a_lot(2, 5)), start_of_test + 2s)->front();
              ++c.next.opened[0].seq;
            }}
    ),
    [](const auto& each) { return std::string(each.param.name); }
);

/// An account with an open hold of 60, of which 20 were captured; the next entry captures 10 of it, or
/// releases it.
struct held {
  credit_account account;
  account_event capture;
  account_event release;

  held() {
    evolve(account, genesis(start_of_test));
    book(account, *decide(account, receive(a_lot(1, 100)), start_of_test + 1s));
    book(account, *decide(account, hold(60, 60s), start_of_test + 2s));
    book(account, *decide(account, part_of(20), start_of_test + 3s));
    capture = decide(account, part_of(10), start_of_test + 4s)->front();
    release = decide(account, test::release(2), start_of_test + 4s)->front();
  }

  static capture_hold part_of(std::int64_t amount) {
    auto command = test::capture(2, amount);
    command.final = false;
    return command;
  }
};

TEST(LedgerCheckTest, FindsNothingInWhatTheRulesDecidedOfHolds) {
  const held sound;
  EXPECT_EQ(flaw_of(sound.account, sound.capture), "");
  EXPECT_EQ(flaw_of(sound.account, sound.release), "");
  const auto opened = decide(sound.account, hold(5), start_of_test + 4s)->front();
  EXPECT_EQ(flaw_of(sound.account, opened), "");
}

TEST(LedgerCheckTest, FindsWhatIsWrongWithAHold) {
  const held given;
  const std::function<void(entry&)> damages[] = {
      [](auto& e) { e.hold.reset(); },
      [](auto& e) {
        e.reference = hold_id_of({e.account, 3});
      },
      [](auto& e) {
        e.reference = hold_id_of({numbered<account_id>(9), 2});
      },
      [](auto& e) { e.reference.clear(); },
      [](auto& e) { e.hold->purpose = hold_purpose::escrow; },
      [](auto& e) { e.hold->amount += credits{1}; },
      [](auto& e) { e.hold->captured += credits{1}; },
      [](auto& e) { e.hold->ends_at += tick; },
  };
  for (const auto& damage : damages)
    for (auto next : {given.capture, given.release}) {
      damage(next.booked);
      EXPECT_NE(flaw_of(given.account, next), "");
    }
  auto still_open = given.release;
  still_open.booked.hold->state = hold_state::open;
  EXPECT_NE(flaw_of(given.account, still_open), "");
  auto spent = decide(given.account, consume(1), start_of_test + 4s)->front();
  spent.booked.hold = given.capture.booked.hold;
  EXPECT_NE(flaw_of(given.account, spent), "");
  auto opened = decide(given.account, hold(5), start_of_test + 4s)->front();
  opened.booked.hold->captured = credits{1};
  EXPECT_NE(flaw_of(given.account, opened), "");
}

/// An account with a hold of 40 for a refund, of which the next entry pays 10 back.
struct refunded {
  credit_account account;
  account_event next;

  refunded() {
    evolve(account, genesis(start_of_test));
    book(account, *decide(account, receive(a_lot(1, 100)), start_of_test + 1s));
    book(account, decide(account, set_aside(hold_purpose::refund, 40), start_of_test + 2s)->events);
    next = decide(account, instruct_hold(inbox_kind::pay_back, 2, 10), start_of_test + 3s)->events.front();
  }
};

TEST(LedgerCheckTest, FindsARefundThatDoesNotAddUp) {
  const refunded given;
  EXPECT_EQ(flaw_of(given.account, given.next), "");
  const std::function<void(entry&)> damages[] = {
      [](auto& e) { e.hold.reset(); },
      [](auto& e) { e.hold->captured = credits{9}; },
      [](auto& e) { e.hold->captured = credits{0}; },
      [](auto& e) { e.hold->amount = credits{41}; },
      [](auto& e) { e.hold->purpose = hold_purpose::dispute; },
      [](auto& e) { e.type = entry_type::capture; },
  };
  for (const auto& damage : damages) {
    auto next = given.next;
    damage(next.booked);
    EXPECT_NE(flaw_of(given.account, next), "");
  }
}

TEST(LedgerCheckTest, FindsAnEntryThatDoesNotGoWithThePurposeOfItsHold) {
  const held spend;
  auto paid_back = spend.capture;
  paid_back.booked.type = entry_type::refund;
  paid_back.booked.after.used -= paid_back.booked.units;
  EXPECT_EQ(flaw_of(spend.account, paid_back), "an entry that does not go with the purpose of its hold");
  const refunded refund;
  auto captured = refund.next;
  captured.booked.type = entry_type::capture;
  captured.booked.after.used += captured.booked.units;
  EXPECT_EQ(flaw_of(refund.account, captured), "an entry that does not go with the purpose of its hold");
}

/// An account that has spent a lot of 100, which is gone from it; the next entry takes 40 of that back.
struct reversed {
  credit_account account;
  account_event next;

  reversed() {
    evolve(account, genesis(start_of_test));
    book(account, *decide(account, receive(a_lot(1, 100)), start_of_test + 1s));
    auto lots = account.lots;
    const auto spent = *decide(account, consume(100), start_of_test + 2s);
    book(account, spent);
    const auto spend = as_reversible(spent.front().booked, lots);
    next = decide(account, reverse(spend, 40), start_of_test + 3s)->front();
  }
};

TEST(LedgerCheckTest, FindsAReversalIntoALotThatIsNotThere) {
  const reversed given;
  EXPECT_EQ(flaw_of(given.account, given.next), "");
  const std::function<void(account_event&)> damages[] = {
      [](auto& e) { e.reopened.clear(); },
      [](auto& e) { e.reopened[0].id = numbered<lot_id>(9); },
      [](auto& e) { e.reopened.push_back(a_lot(9, 0, opened_by(1))); },
      [](auto& e) { e.reopened[0].free = credits{5}; },
      [](auto& e) { e.reopened[0].held = credits{5}; },
      [](auto& e) { e.reopened[0].seq = e.booked.seq; },
      [](auto& e) { e.booked.units = e.booked.slices[0].units = credits{101}; },
  };
  for (const auto& damage : damages) {
    auto next = given.next;
    damage(next);
    EXPECT_NE(flaw_of(given.account, next), "");
  }
}

/// An account that owes 30; the first entry of a purchase of 100 has been booked, the repayment not yet.
struct owing {
  credit_account account;
  account_event next;

  owing() {
    evolve(account, genesis(start_of_test));
    book(account, decide(account, instruct(inbox_kind::claw_back, 30), start_of_test + 1s)->events);
    auto events = *decide(account, receive(a_lot(1, 100)), start_of_test + 2s);
    book(account, {events.front()});
    next = events.back();
  }
};

TEST(LedgerCheckTest, NothingButItsRepaymentUsesWhatIsFreeBesideADebt) {
  const owing given;
  EXPECT_EQ(flaw_of(given.account, given.next), "");
  auto careless = given.account; // takes them for its own
  careless.totals.now.debt = {};
  auto frozen = decide(careless, change_frozen(true), start_of_test + 3s);
  auto moved = instruct(inbox_kind::recall, 5);
  moved.to = numbered<account_id>(5);
  for (auto next :
       {decide(careless, consume(5), start_of_test + 3s)->front(),
        decide(careless, consume(100), start_of_test + 3s)->front(),
        decide(careless, hold(5), start_of_test + 3s)->front(),
        decide(careless, moved, start_of_test + 3s)->events.front(),
        decide(careless, instruct(inbox_kind::claw_back, 5), start_of_test + 3s)->events.front(),
        frozen.front()}) {
    next.booked.after.debt = given.account.totals.now.debt;
    EXPECT_EQ(flaw_of(given.account, next), "free credits beside a debt");
  }
}

TEST(LedgerCheckTest, ADebtIsMadeAndRepaidWhole) {
  const owing given;
  auto partly = given.next;
  partly.booked.units = partly.booked.slices[0].units = credits{29};
  partly.booked.after = figures(71, 0, 0, 1);
  EXPECT_EQ(flaw_of(given.account, partly), "free credits beside a debt");

  const checked sound;
  auto owed = decide(sound.account, instruct(inbox_kind::claw_back, 101), start_of_test + 2s)->events.back();
  owed.booked.seq = sound.account.seq + 1; // without the clawback before it
  owed.booked.after = figures(100, 0, 0, 1);
  EXPECT_EQ(flaw_of(sound.account, owed), "free credits beside a debt");
}

TEST(LedgerCheckTest, FindsAFreezeThatChangesNothing) {
  const checked given;
  const auto freeze = decide(given.account, change_frozen(true), start_of_test + 2s).front();
  EXPECT_EQ(flaw_of(given.account, freeze), "");
  auto thaw = freeze;
  thaw.booked.type = entry_type::unfreeze;
  EXPECT_EQ(flaw_of(given.account, thaw), "a freeze that changes nothing");
  auto frozen = given.account;
  frozen.frozen = true;
  EXPECT_EQ(flaw_of(frozen, freeze), "a freeze that changes nothing");
  EXPECT_EQ(flaw_of(frozen, thaw), "");

  auto with_units = freeze;
  with_units.booked.units = credits{1};
  EXPECT_NE(flaw_of(given.account, with_units), "");
  auto with_a_slice = freeze;
  with_a_slice.booked.slices = {part(1, 1)};
  EXPECT_NE(flaw_of(given.account, with_a_slice), "");
}

TEST(LedgerCheckTest, ASnapshotHasNothingFreeBesideADebt) {
  const owing given;
  EXPECT_NE(flaw_of(given.account, snapshot_of(given.account)), "");
}

TEST(LedgerCheckTest, ComparesTheHoldsOfASnapshot) {
  const held given;
  const auto sound = snapshot_of(given.account);
  EXPECT_EQ(flaw_of(given.account, sound), "");
  const std::function<void(account_snapshot&)> damages[] = {
      [](auto& s) { s.holds.clear(); },
      [](auto& s) { s.holds.push_back(s.holds[0]); },
      [](auto& s) { s.holds[0].ends_at += tick; },
      [](auto& s) { s.holds[0].left[0].units -= credits{1}; },
      [](auto& s) { s.holds[0].holder.id = "key-2"; },
  };
  for (const auto& damage : damages) {
    auto damaged = sound;
    damage(damaged);
    EXPECT_NE(flaw_of(given.account, damaged), "");
  }
}

TEST(LedgerCheckTest, ComparesASnapshotInEveryFigure) {
  const checked given;
  const auto sound = snapshot_of(given.account);
  EXPECT_EQ(flaw_of(given.account, sound), "");
  const std::function<void(account_snapshot&)> damages[] = {
      [](auto& s) { s.tenant = numbered<tenant_id>(9); },
      [](auto& s) { s.head[31] ^= 1; },
      [](auto& s) { s.booked_at += tick; },
      [](auto& s) { s.totals.now.used += credits{1}; },
      [](auto& s) { s.totals.lifetime_in += credits{1}; },
      [](auto& s) { s.frozen = true; },
      [](auto& s) { s.lots[0].free -= credits{1}; },
      [](auto& s) { s.lots[0].held += credits{1}; },
      [](auto& s) { s.lots.clear(); },
      [](auto& s) { s.lots.push_back(a_lot(9, 1)); },
      [](auto& s) { s.lots.push_back(s.lots[0]); },
  };
  for (const auto& damage : damages) {
    auto damaged = sound;
    damage(damaged);
    EXPECT_NE(flaw_of(given.account, damaged), "");
  }
}

} // namespace
} // namespace tessera::test
