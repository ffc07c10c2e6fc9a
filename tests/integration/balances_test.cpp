// Balances over the tree and over time, against a real PostgreSQL.
#include "actors/account/seal.hpp"
#include "actors/database/past_balances.hpp"
#include "persistence/stores/history_store.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/pg_account_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/rollup_store.hpp"
#include "tests/integration/database_fixture.hpp"
#include "tests/integration/journal_contract.hpp"
#include "tests/support/ledger_author.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <vector>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

const std::string& database() {
  static const auto name = migrated_database();
  return name;
}

class BalancesTest : public testing::Test {
protected:
  /// An organisation below another entity; its account's genesis.
  entry below(const entity_ref& parent, const std::string& id) {
    const auto genesis = genesis_entry(fresh<account_id>(), tenant.id, start_of_test - 1h, test_writer);
    pg::transaction in(api, tenant.id, patience);
    const persistence::new_account account{genesis.account, genesis.booked_at, genesis.writer, genesis.hash};
    const create_entity command{tenant.id, {entity_type::organization, id}, "Test", parent};
    EXPECT_EQ(persistence::create_entity(in, command, account), errc::ok);
    in.commit();
    return genesis;
  }

  void append(const std::vector<write_set>& sets) {
    std::vector<const write_set*> round;
    for (const auto& set : sets)
      round.push_back(&set);
    ASSERT_EQ(journal.append(round).status, persistence::append_status::committed);
  }
  void save(const ledger_author& author) { accounts.save(std::vector{snapshot_of(author.account())}); }

  balance_rollup rollup(const account_id& account, time_point now = start_of_test) {
    pg::transaction in(api, tenant.id, patience);
    return persistence::rollup_of(in, {tenant.id, account}, now);
  }
  balance_view past(const account_id& account, time_point at, const std::string& application = "crm") {
    pg::transaction in(api, tenant.id, patience);
    return *balance_at(in, {tenant.id, account, application, at}, soon());
  }

  /// A row that asks the account for something.
  instruction waiting_in(const account_id& account, inbox_kind kind, std::int64_t wanted) {
    instruction asked;
    asked.id = fresh<inbox_id>();
    asked.account = account;
    asked.kind = kind;
    asked.wanted = credits{wanted};
    in_transaction(api, tenant.id, [&](pg::transaction& in) {
      persistence::leave(in, tenant.id, asked);
      return true;
    });
    return asked;
  }

  static tessera::deadline soon() { return std::chrono::steady_clock::now() + patience; }

  open_session api{api_options(database())};
  open_session owner{owner_options(database())};
  persistence::pg_journal_store journal{service_url(database()), test_writer, patience};
  persistence::pg_account_store accounts{service_url(database()), "balances", patience};
  made_tenant tenant = make_tenant(database());
  const entity_ref root{entity_type::tenant, tenant.name};
};

// Over the tree

TEST_F(BalancesTest, SumsWhatIsBelowAndTellsItFromWhatIsOwn) {
  ledger_author upper(below(root, "upper"));
  ledger_author lower(below({entity_type::organization, "upper"}, "lower"));
  ledger_author lowest(below({entity_type::organization, "lower"}, "lowest"));
  ledger_author beside(below(root, "beside"));
  append({upper.receive(a_lot(fresh_number(), 100)), upper.spend(30)});
  append({lower.receive(a_lot(fresh_number(), 50))});
  append({lowest.receive(a_lot(fresh_number(), 20)), lowest.spend(5)});
  append({beside.receive(a_lot(fresh_number(), 1'000))});

  const auto sums = rollup(upper.account().id);
  EXPECT_EQ(sums.own, (balances{credits{70}, {}, credits{30}, {}}));
  EXPECT_EQ(sums.descendants, (balances{credits{65}, {}, credits{5}, {}}));
  EXPECT_EQ(sums.descendant_count, 2u);
  EXPECT_EQ(sums.in_transit, credits{0});

  const auto all = rollup(tenant.genesis.account);
  EXPECT_EQ(all.own, balances{});
  EXPECT_EQ(all.descendants.available, credits{1'135});
  EXPECT_EQ(all.descendant_count, 4u);
  EXPECT_EQ(rollup(lowest.account().id).descendants, balances{});
}

TEST_F(BalancesTest, SumsTheLastEntriesHoweverOldTheSnapshotsAre) {
  ledger_author author(below(root, "lagging"));
  append({author.receive(a_lot(fresh_number(), 100))});
  save(author);
  append({author.spend(10), author.spend(20)});
  EXPECT_EQ(rollup(author.account().id).own.available, credits{70});
}

/// Of the lots that have units, nearly all end later: a balance does not pay for them.
TEST_F(BalancesTest, LooksOnlyAtLotsThatAreOver) {
  owner.execute(
      "INSERT INTO credit_lots (lot_id, account_id, tenant_id, root_lot_id, opened_seq, position, kind, "
      "priority,"
      " effective_at, expires_at, applications, purchase_id, currency, amount, free, held)"
      " SELECT gen_random_uuid(), $1, $2, $1, n, 0, 4, 50, $3, $3 + interval '30 days', '{}', '', '', 1, 1, 0"
      " FROM generate_series(1, 20000) AS n",
      pg::parameters().add(tenant.genesis.account).add(tenant.id).add(start_of_test),
      patience
  );
  owner.execute("ANALYZE credit_lots", patience);
  static const auto explain = std::string("EXPLAIN ") + persistence::rollup_sql;
  pg::transaction in(api, tenant.id, patience);
  const auto plan =
      in.execute(explain.c_str(), pg::parameters().add(tenant.genesis.account).add(start_of_test));
  std::string text;
  for (int line = 0; line < plan.size(); ++line)
    text += plan.text(line, 0) + "\n";
  EXPECT_THAT(text, HasSubstr("credit_lots_due_by_tenant")) << text;
}

/// Lots that are over and that no entry has expired: some of their units may be gone since the snapshot.
TEST_F(BalancesTest, DoesNotCountWhatIsOverThoughNobodyHasBookedIt) {
  const auto end = start_of_test + 1h;
  ledger_author author(below(root, "ending"));
  append({author.receive(a_lot(fresh_number(), 100, expires_at(end)))});
  append({author.spend(10)});
  save(author);
  append({author.spend(15), author.receive(a_lot(fresh_number(), 40, expires_at(end))), author.spend(80)});
  append({author.receive(a_lot(fresh_number(), 7))});

  EXPECT_EQ(rollup(author.account().id, end - tick).own.available, credits{42});
  EXPECT_EQ(rollup(author.account().id, end).own.available, credits{7});
  EXPECT_EQ(rollup(tenant.genesis.account, end).descendants.available, credits{7});

  author.pass(2h);
  append({author.expire()});
  EXPECT_EQ(rollup(author.account().id, end + 2h).own.available, credits{7}) << "booked, not twice";
}

TEST_F(BalancesTest, CountsWhatIsUnderWayBetweenEntities) {
  const auto upper = below(root, "sender").account;
  const auto lower = below({entity_type::organization, "sender"}, "receiver").account;
  const auto beside = below(root, "onlooker").account;
  const auto under_way =
      [&](inbox_kind kind, std::optional<account_id> sender, const account_id& receiver, std::int64_t amount
      ) {
        owner.execute(
            "INSERT INTO credit_inbox (inbox_id, account_id, tenant_id, kind, credits, principal_kind,"
            " principal_id, principal_application, request_id, sender_account_id, sender_seq)"
            " VALUES ($1, $2, $3, $6, $4, 0, '', '', '', $5, CASE WHEN $5::uuid IS NOT NULL THEN 1 END)",
            pg::parameters()
                .add(fresh<inbox_id>())
                .add(receiver)
                .add(tenant.id)
                .add(amount)
                .add(sender)
                .add(static_cast<std::int16_t>(kind)),
            patience
        );
      };
  under_way(inbox_kind::purchase, std::nullopt, lower, 1'000); // between no entities
  under_way(inbox_kind::allocation, upper, lower, 40);
  EXPECT_EQ(rollup(tenant.genesis.account).in_transit, credits{40});
  EXPECT_EQ(rollup(upper).in_transit, credits{40}) << "left it, and goes to one below: once";
  EXPECT_EQ(rollup(lower).in_transit, credits{40}) << "goes to it";
  EXPECT_EQ(rollup(beside).in_transit, credits{0});
  under_way(inbox_kind::allocation_bounce, std::nullopt, upper, 7);
  EXPECT_EQ(rollup(tenant.genesis.account).in_transit, credits{47});
  EXPECT_EQ(rollup(upper).in_transit, credits{47}) << "comes back to it";
  EXPECT_EQ(rollup(lower).in_transit, credits{40}) << "was never its own";
  owner.execute("UPDATE credit_inbox SET absorbed_seq = 1", patience);
  EXPECT_EQ(rollup(upper).in_transit, credits{0});
}

TEST_F(BalancesTest, ARollupSeesItsTenantOnly) {
  ledger_author author(below(root, "mine"));
  append({author.receive(a_lot(fresh_number(), 100))});
  const auto stranger = make_tenant(database());
  pg::transaction in(api, stranger.id, patience);
  EXPECT_EQ(persistence::rollup_of(in, {stranger.id, author.account().id}, start_of_test).own, balances{});
}

TEST_F(BalancesTest, AHoldThatIsOverCountsAsWhatItHasBecome) {
  ledger_author author(below(root, "holder"));
  append(
      {author.receive(a_lot(fresh_number(), 100, expires_in(30min))),
       author.receive(a_lot(fresh_number(), 50))}
  );
  append({author.hold(120, 2h)});
  const auto opened = author.account().seq;
  append({author.capture(opened, 30, false)});
  const auto end = author.account().holds.all().front()->ends_at;

  const auto before = rollup(author.account().id, end - tick).own;
  EXPECT_EQ(before, (balances{credits{30}, credits{90}, credits{30}, credits{0}}));
  const auto after = rollup(author.account().id, end).own; // 70 of it were of a lot that is over
  EXPECT_EQ(after, (balances{credits{50}, credits{0}, credits{30}, credits{0}}));
  EXPECT_EQ(past(author.account().id, end).now, after);
  EXPECT_EQ(past(author.account().id, end - tick).now, before);

  append({author.pass(2h).expire()});
  EXPECT_EQ(rollup(author.account().id, end).own, after);
}

/// Of holds that were open at the last snapshot, of some that were opened since, and of nobody else's.
TEST_F(BalancesTest, HoldsThatAreOverAreFoundOnBothSidesOfASnapshot) {
  ledger_author author(below(root, "often"));
  ledger_author neighbour(below(root, "quiet"));
  append({author.receive(a_lot(fresh_number(), 100)), neighbour.receive(a_lot(fresh_number(), 100))});
  append({author.hold(10, 1h), author.hold(20, 1h), author.hold(40, 9h), neighbour.hold(5, 1h)});
  append({author.capture(author.account().holds.all().front()->seq, 10)});
  save(author);
  append({author.hold(3, 30min), author.hold(4, 9h)});
  const auto later = start_of_test + 2h;
  EXPECT_EQ(
      rollup(author.account().id, later).own, (balances{credits{46}, credits{44}, credits{10}, credits{0}})
  );
  EXPECT_EQ(
      rollup(author.account().id, later + 8h).own,
      (balances{credits{90}, credits{0}, credits{10}, credits{0}})
  );
}

/// Units that came back to a lot that was empty in the snapshot, and that nobody has booked since it is over.
TEST_F(BalancesTest, DoesNotCountWhatCameBackToALotThatIsOver) {
  const auto end = start_of_test + 1h;
  ledger_author author(below(root, "reversing"));
  append(
      {author.receive(a_lot(fresh_number(), 100, expires_at(end))), author.receive(a_lot(fresh_number(), 7))}
  );
  append({author.spend(100)});
  const auto spent = author.account().seq;
  save(author);
  append({author.reverse(spent, 60), author.spend(20)});
  EXPECT_EQ(rollup(author.account().id, end - tick).own.available, credits{47});
  EXPECT_EQ(rollup(author.account().id, end).own.available, credits{7});
  save(author);
  EXPECT_EQ(rollup(author.account().id, end - tick).own.available, credits{47});
  EXPECT_EQ(rollup(author.account().id, end).own.available, credits{7});
  append({author.pass(2h).expire()});
  EXPECT_EQ(rollup(author.account().id, end + 2h).own.available, credits{7}) << "booked, not twice";
}

TEST_F(BalancesTest, WhatAHoldGivesBackRepaysADebt) {
  ledger_author author(below(root, "debtor"));
  append({author.receive(a_lot(fresh_number(), 100))});
  append({author.hold(80, 1h)});
  const auto end = author.account().holds.all().front()->ends_at;
  append({author.carry_out(waiting_in(author.account().id, inbox_kind::claw_back, 50))});

  EXPECT_EQ(rollup(author.account().id, end - tick).own, (balances{{}, credits{80}, {}, credits{30}}));
  EXPECT_EQ(rollup(author.account().id, end).own, (balances{credits{50}, {}, {}, {}}));
  EXPECT_EQ(past(author.account().id, end).now, rollup(author.account().id, end).own);
  append({author.pass(2h).expire()});
  EXPECT_EQ(rollup(author.account().id, end).own, (balances{credits{50}, {}, {}, {}}));
}

TEST_F(BalancesTest, WhatGoesUpIsUnderWay) {
  const auto upper = below(root, "above").account;
  ledger_author lower(below({entity_type::organization, "above"}, "giver"));
  append({lower.receive(a_lot(fresh_number(), 100))});
  for (const auto kind : {inbox_kind::give_back, inbox_kind::reclaim})
    append({lower.send_up(kind, {upper, credits{20}, fresh<inbox_id>()})});
  EXPECT_EQ(rollup(upper).in_transit, credits{40});
  EXPECT_EQ(rollup(lower.account().id).in_transit, credits{40});
  EXPECT_EQ(rollup(upper).descendants.available, credits{60});
}

// Over time

/// The lot was emptied before the kept snapshot, and is not in it.
TEST_F(BalancesTest, APastBalanceKnowsLotsThatAreThereAgain) {
  ledger_author author(below(root, "again"));
  append({author.receive(a_lot(fresh_number(), 100)), author.receive(a_lot(fresh_number(), 9'000))});
  append({author.spend(100)});
  const auto spent = author.account().seq;
  for (int batch = 0; batch < 17; ++batch) {
    std::vector<write_set> sets;
    for (int i = 0; i < 256; ++i)
      sets.push_back(author.spend(1));
    append(sets);
  }
  save(author);
  append({author.reverse(spent, 60)});
  const auto then = author.account();
  append({author.spend(50)});
  ASSERT_TRUE([&] {
    pg::transaction in(api, tenant.id, patience);
    return persistence::kept_snapshot_at(in, then.id, then.booked_at).has_value();
  }());
  EXPECT_EQ(past(then.id, then.booked_at).lots, then.lots);
  EXPECT_EQ(past(then.id, then.booked_at).now, then.totals.now);
  EXPECT_EQ(past(then.id, author.account().booked_at).lots, author.account().lots);
}

TEST_F(BalancesTest, APastBalanceIsWhatTheEntriesUpToItSay) {
  ledger_author author(below(root, "past"));
  const auto born = author.account().booked_at;
  append({author.receive(a_lot(fresh_number(), 100, expires_at(start_of_test))), author.spend(10)});
  const auto then = author.account();
  append({author.spend(20)});

  const auto seen = past(then.id, then.booked_at);
  EXPECT_EQ(seen.seq, 2u);
  EXPECT_EQ(seen.usable, credits{90});
  EXPECT_EQ(seen.now.used, credits{10});
  ASSERT_THAT(seen.lots, SizeIs(1));
  EXPECT_EQ(seen.lots[0].free, credits{90});
  EXPECT_EQ(past(then.id, then.booked_at - tick).usable, credits{100});
  EXPECT_EQ(past(then.id, born - tick).seq, 0u);
  EXPECT_EQ(past(then.id, born).seq, 0u);
  EXPECT_EQ(past(then.id, start_of_test - tick).usable, credits{70});
  EXPECT_EQ(past(then.id, start_of_test).usable, credits{0}) << "over to the microsecond";
  EXPECT_THAT(past(then.id, start_of_test).lots, SizeIs(0));
}

/// TESSERA_LONG_LEDGER=1000000 for an account of that length; the time of a read is printed.
TEST_F(BalancesTest, APastBalanceOfALongLedgerBeginsNearby) {
  const char* wish = std::getenv("TESSERA_LONG_LEDGER");
  const int length = wish ? std::atoi(wish) : 10'000;
  ledger_author author(below(root, "long"));
  append(
      {author.receive(a_lot(fresh_number(), 2 * length)),
       author.receive(a_lot(fresh_number(), 5, expires_in(24h)))}
  );
  std::vector<credit_account> seen; // a few states on the way
  for (int done = 2; done < length;) {
    std::vector<write_set> sets;
    for (; sets.size() < 256 && done < length; ++done)
      sets.push_back(author.spend(1));
    append(sets);
    save(author);
    if (seen.size() * static_cast<std::size_t>(length) < static_cast<std::size_t>(done) * 10)
      seen.push_back(author.account());
  }
  EXPECT_EQ(
      owner
          .execute(
              "SELECT count(*) FROM credit_kept_snapshots WHERE account_id = $1",
              pg::parameters().add(author.account().id),
              patience
          )
          .int8(0, 0),
      length / 4'096
  );
  std::chrono::microseconds slowest{0};
  for (const auto& then : seen) {
    const auto began = std::chrono::steady_clock::now();
    const auto found = past(then.id, then.booked_at);
    const auto took = std::chrono::steady_clock::now() - began;
    slowest = std::max(slowest, std::chrono::duration_cast<std::chrono::microseconds>(took));
    EXPECT_EQ(found.seq, then.seq);
    EXPECT_EQ(found.now, then.totals.now);
    EXPECT_EQ(found.lots, then.lots);
    pg::transaction in(api, tenant.id, patience);
    const auto kept = persistence::kept_snapshot_at(in, then.id, then.booked_at);
    EXPECT_LE(then.seq - (kept ? kept->seq : 0), 4'096u + 256u);
  }
  std::cout << length << " entries, slowest past balance " << slowest.count() / 1'000 << " ms\n";
}

TEST_F(BalancesTest, APastBalanceSeesItsTenantOnly) {
  ledger_author author(below(root, "hidden"));
  append({author.receive(a_lot(fresh_number(), 100))});
  const auto stranger = make_tenant(database());
  pg::transaction in(api, stranger.id, patience);
  const auto seen = balance_at(in, {stranger.id, author.account().id, "crm", start_of_test}, soon());
  EXPECT_EQ(seen->usable, credits{0});
}

// Days end where people live (R-C 3.9): PostgreSQL's zone data decides.

struct validity {
  const char* name;
  const char* since;
  int days;
  const char* zone;
  const char* last_day;
  const char* end; // exclusive
};
void PrintTo(const validity& given, std::ostream* out) {
  *out << given.name;
}

class ValidityTest : public testing::TestWithParam<validity> {};

TEST_P(ValidityTest, EndsWithTheLastLocalDay) {
  static pg::connection session(api_options(database()));
  if (!session.is_open()) session.open();
  const auto& given = GetParam();
  const auto rows = session.execute(
      "SELECT d.day::text, to_char(e.instant AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
      " ((e.instant - interval '1 us') AT TIME ZONE $3)::date::text, (e.instant AT TIME ZONE $3)::date > "
      "d.day"
      " FROM (SELECT last_good_day($1::text::timestamptz, $2, $3) AS day) AS d,"
      " LATERAL (SELECT end_of_local_day(d.day, $3) AS instant) AS e",
      pg::parameters().add(given.since).add(std::int32_t{given.days}).add(given.zone),
      patience
  );
  EXPECT_EQ(rows.text(0, 0), given.last_day);
  EXPECT_EQ(rows.text(0, 1), given.end);
  EXPECT_EQ(rows.text(0, 2), given.last_day) << "the last microsecond is still that day";
  EXPECT_TRUE(rows.boolean(0, 3)) << "and the next is not";
}

INSTANTIATE_TEST_SUITE_P(
    Days,
    ValidityTest,
    testing::Values(
        validity{"MonthEnd", "2026-01-31T12:00:00Z", 28, "UTC", "2026-02-28", "2026-03-01T00:00:00.000000Z"},
        validity{"NoLeapDay", "2026-02-28T12:00:00Z", 1, "UTC", "2026-03-01", "2026-03-02T00:00:00.000000Z"},
        validity{"LeapDay", "2028-02-28T12:00:00Z", 1, "UTC", "2028-02-29", "2028-03-01T00:00:00.000000Z"},
        validity{
            "AYearOverALeapDay",
            "2028-02-29T12:00:00Z",
            365,
            "UTC",
            "2029-02-28",
            "2029-03-01T00:00:00.000000Z"},
        validity{
            "NoLeapCentury", "2100-02-28T12:00:00Z", 1, "UTC", "2100-03-01", "2100-03-02T00:00:00.000000Z"},
        validity{
            "NewYear", "2026-12-31T23:59:59.999999Z", 1, "UTC", "2027-01-01", "2027-01-02T00:00:00.000000Z"},
        validity{
            "LastMicrosecondOfALocalDay",
            "2026-01-01T18:29:59.999999Z",
            1,
            "Asia/Kolkata",
            "2026-01-02",
            "2026-01-02T18:30:00.000000Z"},
        validity{
            "FirstMicrosecondOfTheNext",
            "2026-01-01T18:30:00Z",
            1,
            "Asia/Kolkata",
            "2026-01-03",
            "2026-01-03T18:30:00.000000Z"},
        validity{
            "StillYesterdayInTheWest",
            "2026-01-01T05:00:00Z",
            1,
            "America/Los_Angeles",
            "2026-01-01",
            "2026-01-02T08:00:00.000000Z"},
        validity{
            "ClocksForward",
            "2026-03-28T12:00:00Z",
            1,
            "Europe/Berlin",
            "2026-03-29",
            "2026-03-29T22:00:00.000000Z"},
        validity{
            "BeforeClocksForward",
            "2026-03-27T12:00:00Z",
            1,
            "Europe/Berlin",
            "2026-03-28",
            "2026-03-28T23:00:00.000000Z"},
        validity{
            "ClocksBack",
            "2026-10-24T12:00:00Z",
            1,
            "Europe/Berlin",
            "2026-10-25",
            "2026-10-25T23:00:00.000000Z"},
        validity{
            "ClocksForwardInTheWest",
            "2026-03-07T20:00:00Z",
            1,
            "America/New_York",
            "2026-03-08",
            "2026-03-09T04:00:00.000000Z"},
        validity{
            "MissingMidnight",
            "2026-04-22T12:00:00Z",
            1,
            "Africa/Cairo",
            "2026-04-23",
            "2026-04-23T22:00:00.000000Z"},
        validity{
            "AfterTheMissingMidnight",
            "2026-04-22T12:00:00Z",
            2,
            "Africa/Cairo",
            "2026-04-24",
            "2026-04-24T21:00:00.000000Z"},
        validity{
            "AnHourTwiceBeforeMidnight",
            "2026-10-28T12:00:00Z",
            1,
            "Africa/Cairo",
            "2026-10-29",
            "2026-10-29T22:00:00.000000Z"},
        validity{
            "HalfAnHourOfSummer",
            "2026-04-04T00:00:00Z",
            1,
            "Australia/Lord_Howe",
            "2026-04-05",
            "2026-04-05T13:30:00.000000Z"},
        validity{
            "EastOfTheDateLine",
            "2026-01-01T10:59:59Z",
            1,
            "Pacific/Pago_Pago",
            "2026-01-01",
            "2026-01-02T11:00:00.000000Z"},
        validity{
            "WestOfTheDateLine",
            "2026-01-01T10:59:59Z",
            1,
            "Pacific/Kiritimati",
            "2026-01-03",
            "2026-01-03T10:00:00.000000Z"},
        validity{
            "ADayThatNeverWas",
            "2011-12-28T12:00:00Z",
            1,
            "Pacific/Apia",
            "2011-12-29",
            "2011-12-30T10:00:00.000000Z"}
    ),
    [](const auto& each) { return std::string(each.param.name); }
);

} // namespace
} // namespace tessera::test
