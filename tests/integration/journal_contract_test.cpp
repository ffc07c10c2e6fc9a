#include "tests/integration/journal_contract_fixture.hpp"
#include "tests/support/reversible.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace tessera::test {
namespace {

using enum persistence::append_status;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

TESSERA_FOR_EVERY_LEDGER(JournalContract);

TEST_P(JournalContract, OpensAnAccountWithItsGenesis) {
  const auto genesis = ledger->open_account();
  const auto history = load(genesis.account);
  EXPECT_EQ(fold(history), ledger_author(genesis).account());
  EXPECT_THAT(history.tail, IsEmpty());
  EXPECT_THAT(history.waiting, IsEmpty());
}

TEST_P(JournalContract, KnowsNothingOfOtherAccounts) {
  EXPECT_THAT(rows->load(std::vector{fresh<account_id>()}), IsEmpty());
}

TEST_P(JournalContract, AppendsSeveralAccountsAndCommandsAtOnce) {
  auto one = author_with(100);
  auto other = author_with(50);
  const auto first = one.spend(10);
  const auto second = other.spend(20);
  const auto third = one.spend(30);
  EXPECT_EQ(append(*store, first, second, third).status, committed);
  EXPECT_EQ(fold(load(one.account().id)), one.account());
  EXPECT_EQ(fold(load(other.account().id)), other.account());
}

TEST_P(JournalContract, ReadsEntriesBackAsTheyWereWritten) {
  auto author = author_with(100);
  auto writes = author.spend(10, fresh_key());
  ASSERT_EQ(append(*store, writes).status, committed);
  const auto tail = load(author.account().id).tail;
  ASSERT_THAT(tail, SizeIs(2));
  const auto& written = writes.events.front().booked;
  const auto& read = tail.back().booked;
  EXPECT_EQ(read.seq, written.seq);
  EXPECT_EQ(read.type, written.type);
  EXPECT_EQ(read.slices, written.slices);
  EXPECT_EQ(read.after, written.after);
  EXPECT_EQ(read.usable_after, written.usable_after);
  EXPECT_EQ(read.application, written.application);
  EXPECT_EQ(read.requested_by, written.requested_by);
  EXPECT_EQ(read.request_id, written.request_id);
  EXPECT_EQ(read.idempotency, written.idempotency);
  EXPECT_EQ(read.occurred_at, written.occurred_at);
  EXPECT_EQ(read.booked_at, written.booked_at);
  EXPECT_EQ(read.writer, written.writer);
  EXPECT_EQ(read.hash, written.hash);
}

TEST_P(JournalContract, AppendsNothingWhenOneCannotBeAppended) {
  auto good = author_with(100);
  auto late = author_with(100);
  const auto before = good.account();
  late.spend(1); // never written
  EXPECT_EQ(append(*store, good.spend(10), late.spend(2)).status, outrun);
  EXPECT_EQ(fold(load(good.account().id)), before);
}

TEST_P(JournalContract, RefusesAGapAndNamesTheAccount) {
  auto good = author_with(100);
  auto gap = author_with(100);
  gap.spend(1); // never written
  const auto outcome = append(*store, good.spend(10), gap.spend(2));
  EXPECT_EQ(outcome.status, outrun);
  EXPECT_THAT(outcome.outrun, ElementsAre(gap.account().id));
}

TEST_P(JournalContract, RefusesAnotherPredecessorAndNamesTheAccount) {
  auto good = author_with(100);
  auto forged = author_with(100);
  auto writes = forged.spend(1);
  writes.previous[0] ^= 1;
  const auto outcome = append(*store, writes, good.spend(10));
  EXPECT_EQ(outcome.status, outrun);
  EXPECT_THAT(outcome.outrun, ElementsAre(forged.account().id));
}

TEST_P(JournalContract, RefusesAnAccountThatDoesNotExist) {
  entry genesis;
  genesis.account = fresh<account_id>();
  ledger_author nobody(genesis);
  const auto outcome = append(*store, nobody.receive(fresh_lot(1)));
  EXPECT_EQ(outcome.status, outrun);
  EXPECT_THAT(outcome.outrun, ElementsAre(genesis.account));
}

TEST_P(JournalContract, OfTwoWritersAtOneTailOneWins) {
  auto mine = author_with(100);
  auto theirs = mine;
  auto other = author_with(100);
  const auto second_writer = ledger->writer();
  theirs.pass(1h);
  EXPECT_EQ(append(*store, mine.spend(10)).status, committed);
  const auto outcome = append(*second_writer, other.spend(5), theirs.spend(20));
  EXPECT_EQ(outcome.status, outrun);
  EXPECT_THAT(outcome.outrun, ElementsAre(mine.account().id));
  EXPECT_EQ(fold(load(mine.account().id)), mine.account());
}

TEST_P(JournalContract, AWriterIsRefusedOnAHeadOfItsOwnThatAnotherHasPassed) {
  auto mine = author_with(100);
  auto theirs = mine;
  theirs.pass(1h);
  const auto second_writer = ledger->writer();
  EXPECT_EQ(append(*second_writer, theirs.spend(20)).status, committed);
  const auto outcome = append(*store, mine.spend(10));
  EXPECT_EQ(outcome.status, outrun);
  EXPECT_THAT(outcome.outrun, ElementsAre(mine.account().id));
  EXPECT_EQ(fold(load(mine.account().id)), theirs.account());
}

TEST_P(JournalContract, AKeyThatIsThereHasItsFirstAnswer) {
  auto author = author_with(100);
  auto other = author_with(100);
  const auto key = fresh_key(1);
  const auto unconcerned = fresh_key();
  ASSERT_EQ(append(*store, author.spend(10, key)).status, committed);

  auto same = key;
  same.fingerprint = numbered<uuid>(2); // another command
  const auto outcome = append(*store, other.spend(20, unconcerned), author.spend(30, same));
  EXPECT_EQ(outcome.status, duplicate);
  ASSERT_THAT(outcome.recorded, SizeIs(1));
  const auto& first = outcome.recorded.front();
  EXPECT_EQ(first.idempotency, key);
  EXPECT_EQ(first.account, author.account().id);
  EXPECT_EQ(first.seq, 2u);
  EXPECT_EQ(first.amount, credits{10});
  EXPECT_EQ(first.available, credits{90});
  EXPECT_EQ(load(other.account().id).tail.size(), 1u);
}

TEST_P(JournalContract, AKeyThatIsTwiceInARoundIsADuplicateOfNobody) {
  auto one = author_with(100);
  auto other = author_with(100);
  const auto key = fresh_key();
  const auto outcome = append(*store, one.spend(10, key), other.spend(10, key));
  EXPECT_EQ(outcome.status, duplicate);
  EXPECT_THAT(outcome.recorded, IsEmpty());
  EXPECT_THAT(recorded({key.key}), IsEmpty());
}

TEST_P(JournalContract, FindsTheKeysThatItKnows) {
  auto author = author_with(100);
  const auto one = fresh_key();
  const auto other = fresh_key();
  append(*store, {author.spend(10, one), author.spend(20, other)});
  const auto found = recorded({one.key, fresh_key().key, other.key});
  std::vector<std::uint64_t> seqs;
  for (const auto& each : found)
    seqs.push_back(each.seq);
  EXPECT_THAT(seqs, UnorderedElementsAre(2, 3));
}

TEST_P(JournalContract, FindsTheKeysOfAStretchOfAnAccount) {
  auto author = author_with(100); // seq 0 and 1 have no key
  auto other = author_with(100);
  const auto keys = std::vector{fresh_key(), fresh_key(), fresh_key()};
  append(*store, {author.spend(10, keys[0]), author.spend(20, keys[1]), author.spend(5)});
  append(*store, author.spend(30, keys[2]), other.spend(10, fresh_key()));
  const auto between = [&](std::uint64_t begin, std::uint64_t end) {
    std::vector<recorded_spend> found;
    EXPECT_TRUE(store->keys_between(author.account().id, begin, end, found));
    std::vector<std::tuple<idempotency_key, std::uint64_t, credits, credits>> said;
    for (const auto& each : found)
      said.emplace_back(each.idempotency, each.seq, each.amount, each.available);
    return said;
  };
  const auto first = std::tuple(keys[0], 2u, credits{10}, credits{90});
  const auto second = std::tuple(keys[1], 3u, credits{20}, credits{70});
  const auto last = std::tuple(keys[2], 5u, credits{30}, credits{35});
  EXPECT_THAT(between(0, 5), UnorderedElementsAre(first, second));
  EXPECT_THAT(between(3, 100), UnorderedElementsAre(second, last));
}

TEST_P(JournalContract, RefusesWhatBreaksACheck) {
  auto author = author_with(100);
  auto good = author_with(100);
  auto writes = author.spend(10);
  writes.events.front().booked.after.available = credits{-1};
  EXPECT_EQ(append(*store, good.spend(1), writes).status, refused);
  EXPECT_EQ(load(good.account().id).tail.size(), 1u);
}

TEST_P(JournalContract, RefusesALotThatIsThere) {
  auto author = author_with(100);
  const auto opened = fresh_lot(10);
  ASSERT_EQ(append(*store, author.receive(opened)).status, committed);
  auto other = author_with(100);
  EXPECT_EQ(append(*store, other.receive(opened)).status, refused);
}

TEST_P(JournalContract, BringsLotsBackInTheOrderInWhichAnEntryOpenedThem) {
  auto author = author_with(100);
  auto writes = author.receive(fresh_lot(30));
  auto& event = writes.events.front();
  auto extra = event.opened.front();
  extra.id = extra.root = fresh<lot_id>();
  extra.parent = fresh<lot_id>();
  extra.priority = 7;
  extra.expires_at = start_of_test + 24h;
  extra.applications = {"crm", "erp"};
  extra.purchase_id = "pur-9";
  extra.unit_cost_minor = 3;
  extra.currency = "EUR";
  extra.kind = lot_kind::bonus;
  event.opened.insert(event.opened.begin(), extra);
  ASSERT_EQ(append(*store, writes).status, committed);
  EXPECT_EQ(load(author.account().id).tail.back().opened, event.opened);
}

TEST_P(JournalContract, AbsorbsARowOnce) {
  auto author = author_with(100);
  const auto row = fresh_row(author.account().id, 50);
  ledger->put_inbox(row);
  ASSERT_THAT(load(author.account().id).waiting, SizeIs(1));
  ASSERT_EQ(append(*store, author.receive(row)).status, committed);
  EXPECT_EQ(ledger->inbox(row.id).absorbed_seq, author.account().seq);
  EXPECT_THAT(load(author.account().id).waiting, IsEmpty());

  auto again = row;
  again.lots.front().id = fresh<lot_id>();
  auto good = author_with(100);
  const auto outcome = append(*store, good.spend(1), author.receive(again));
  EXPECT_EQ(outcome.status, outrun);
  EXPECT_THAT(outcome.outrun, ElementsAre(author.account().id));
  EXPECT_EQ(load(good.account().id).tail.size(), 1u);
}

TEST_P(JournalContract, ReadsARowBackAsItWasPut) {
  auto author = author_with(100);
  auto row = fresh_row(author.account().id, 50);
  row.lots.front().expires_at = start_of_test + 24h;
  row.lots.front().applications = {"crm"};
  row.lots.front().unit_cost_minor = 12;
  row.lots.front().currency = "EUR";
  ledger->put_inbox(row);
  const auto waiting = load(author.account().id).waiting;
  ASSERT_THAT(waiting, SizeIs(1));
  const auto& read = arrival(waiting.front());
  EXPECT_EQ(read.id, row.id);
  EXPECT_EQ(read.reference, row.reference);
  EXPECT_EQ(read.requested_by, row.requested_by);
  EXPECT_EQ(read.request_id, row.request_id);
  auto expected = row.lots.front();
  expected.seq = read.lots.front().seq; // no entry has opened it yet
  EXPECT_EQ(read.lots.front(), expected);
}

TEST_P(JournalContract, ShowsTheInboxOldestFirst) {
  const auto account = author_with(100).account().id;
  std::vector<inbox_id> put;
  for (int i = 0; i < 3; ++i) {
    put.push_back(fresh_row(account, 1).id);
    auto row = fresh_row(account, 1);
    row.id = put.back();
    ledger->put_inbox(row);
  }
  std::vector<inbox_id> seen;
  for (const auto& row : load(account).waiting)
    seen.push_back(id_of(row));
  EXPECT_EQ(seen, put);
}

TEST_P(JournalContract, ReadsAnInboxInPages) {
  const auto account = ledger->open_account().account;
  const auto other = ledger->open_account().account;
  std::vector<inbox_id> put;
  for (std::size_t i = 0; i < rows_per_inbox_page + 2; ++i) {
    const auto row = fresh_row(account, 1);
    ledger->put_inbox(row);
    put.push_back(row.id);
  }
  const auto last_of_first = put[rows_per_inbox_page - 1];

  const auto pages =
      rows->waiting(std::vector<inbox_page>{{account, last_of_first}, {other, {}}, {account, {}}});
  ASSERT_THAT(pages, SizeIs(3));
  ASSERT_THAT(pages[0], SizeIs(2));
  EXPECT_EQ(id_of(pages[0][0]), put[rows_per_inbox_page]);
  EXPECT_EQ(id_of(pages[0][1]), put.back());
  EXPECT_THAT(pages[1], IsEmpty());
  ASSERT_THAT(pages[2], SizeIs(rows_per_inbox_page));
  EXPECT_EQ(id_of(pages[2].front()), put.front());
  EXPECT_EQ(id_of(pages[2].back()), last_of_first);
  EXPECT_THAT(load(account).waiting, SizeIs(rows_per_inbox_page));
}

TEST_P(JournalContract, RefusesARowWithoutAnEntry) {
  auto author = author_with(100);
  const auto row = fresh_row(author.account().id, 50);
  ledger->put_inbox(row);
  write_set writes;
  writes.refused.emplace_back(row.id, errc::amount_out_of_range);
  EXPECT_EQ(append(*store, writes).status, committed);
  EXPECT_EQ(ledger->inbox(row.id).refused, errc::amount_out_of_range);
  EXPECT_THAT(load(author.account().id).waiting, IsEmpty());
  EXPECT_EQ(append(*store, author.receive(row)).status, outrun);
}

TEST_P(JournalContract, ARefusedRowStaysRefused) {
  auto author = author_with(100);
  const auto row = fresh_row(author.account().id, 50);
  ledger->put_inbox(row);
  ASSERT_EQ(append(*store, author.receive(row)).status, committed);
  write_set writes;
  writes.account = author.account().id;
  writes.refused.emplace_back(row.id, errc::amount_out_of_range);
  writes.sent.push_back(fresh_row(ledger->open_account().account, 50));
  const auto outcome = append(*store, writes);
  EXPECT_EQ(outcome.status, outrun);
  EXPECT_THAT(outcome.outrun, ElementsAre(author.account().id));
  EXPECT_THAT(load(writes.sent.front().account).waiting, IsEmpty());
}

// Allocation

allocation_leg fresh_leg(const account_id& to, std::int64_t amount) {
  return {to, credits{amount}, fresh<inbox_id>()};
}

TEST_P(JournalContract, LeavesTheLegsOfAnAllocationInTheInboxesOfItsReceivers) {
  auto source = author_with(100);
  auto receiver = ledger_author(ledger->open_account());
  const auto other = ledger->open_account().account;
  auto terms = fresh_lot(40);
  terms.expires_at = start_of_test + 24h;
  terms.applications = {"crm", "erp"};
  terms.unit_cost_minor = 12;
  terms.currency = "EUR";
  terms.purchase_id = "pur-7";
  ASSERT_EQ(append(*store, source.receive(terms)).status, committed);
  const auto writes =
      source.allocate({fresh_leg(receiver.account().id, 50), fresh_leg(other, 10)}, fresh_key());
  ASSERT_EQ(append(*store, writes).status, committed);

  const auto waiting = load(receiver.account().id).waiting;
  ASSERT_THAT(waiting, SizeIs(1));
  const auto& sent = writes.sent.front();
  const auto& read = arrival(waiting.front());
  EXPECT_EQ(read.id, sent.id);
  EXPECT_EQ(read.kind, inbox_kind::allocation);
  EXPECT_EQ(read.lots, sent.lots); // two of them
  EXPECT_EQ(read.reference, sent.reference);
  EXPECT_EQ(read.sender, sent.sender);
  EXPECT_EQ(read.requested_by, sent.requested_by);
  ASSERT_THAT(load(other).waiting, SizeIs(1));

  ASSERT_EQ(append(*store, receiver.receive(read)).status, committed);
  EXPECT_THAT(load(receiver.account().id).waiting, IsEmpty());
  EXPECT_EQ(fold(load(receiver.account().id)), receiver.account());
  EXPECT_EQ(fold(load(source.account().id)), source.account());
}

TEST_P(JournalContract, LeavesNothingWhenTheDebitIsOutrun) {
  auto source = author_with(100);
  const auto receiver = ledger->open_account().account;
  source.spend(1); // never written
  EXPECT_EQ(append(*store, source.allocate({fresh_leg(receiver, 50)})).status, outrun);
  EXPECT_THAT(load(receiver).waiting, IsEmpty());
}

TEST_P(JournalContract, KeepsHowFarALotWasRaised) {
  auto source = author_with(100);
  ledger_author receiver(ledger->open_account());
  for (int i = 0; i < 4; ++i) {
    const auto writes = source.allocate({fresh_leg(receiver.account().id, 10)});
    ASSERT_EQ(append(*store, writes).status, committed);
    ASSERT_EQ(append(*store, receiver.receive(writes.sent.front())).status, committed);
    if (i == 1) rows->save(std::vector{snapshot_of(receiver.account())});
    ASSERT_EQ(fold(load(receiver.account().id)), receiver.account());
  }
  ASSERT_THAT(receiver.account().lots, SizeIs(1));
  EXPECT_EQ(receiver.account().lots.front().amount, credits{40});
}

TEST_P(JournalContract, RemembersARefusal) {
  auto author = author_with(100);
  write_set writes;
  writes.account = author.account().id;
  writes.remembered = recorded_spend{
      .idempotency = fresh_key(),
      .account = author.account().id,
      .seq = 1,
      .amount = credits{150},
      .available = credits{100},
      .refused = errc::insufficient_credits,
      .blocker = blocked_by::balance,
      .would_allow = credits{60}};
  ASSERT_EQ(append(*store, writes).status, committed);
  const auto found = recorded({writes.remembered->idempotency.key});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().idempotency, writes.remembered->idempotency);
  EXPECT_EQ(found.front().refused, errc::insufficient_credits);
  EXPECT_EQ(found.front().blocker, blocked_by::balance);
  EXPECT_EQ(found.front().amount, credits{150});
  EXPECT_EQ(found.front().available, credits{100});
  EXPECT_EQ(found.front().would_allow, credits{60});

  const auto receiver = ledger->open_account().account;
  const auto outcome =
      append(*store, author.allocate({fresh_leg(receiver, 5)}, writes.remembered->idempotency));
  EXPECT_EQ(outcome.status, duplicate);
  EXPECT_THAT(outcome.recorded, SizeIs(1));
  EXPECT_THAT(load(receiver).waiting, IsEmpty());
}

TEST_P(JournalContract, ARefusalUnderAKeyThatHappenedIsADuplicate) {
  auto author = author_with(100);
  const auto key = fresh_key();
  ASSERT_EQ(
      append(*store, author.allocate({fresh_leg(ledger->open_account().account, 5)}, key)).status, committed
  );
  write_set writes;
  writes.account = author.account().id;
  writes.remembered = recorded_spend{
      .idempotency = key,
      .account = author.account().id,
      .refused = errc::insufficient_credits,
      .would_allow = {}};
  const auto outcome = append(*store, writes);
  EXPECT_EQ(outcome.status, duplicate);
  ASSERT_THAT(outcome.recorded, SizeIs(1));
  EXPECT_EQ(outcome.recorded.front().refused, errc::ok);
  EXPECT_EQ(outcome.recorded.front().amount, credits{5});
}

TEST_P(JournalContract, LoadsTheSnapshotAndWhatCameAfterIt) {
  auto author = author_with(100);
  append(*store, {author.receive(fresh_lot(50)), author.spend(120)});
  rows->save(std::vector{snapshot_of(author.account())});
  const auto at_snapshot = author.account();
  append(*store, {author.spend(5), author.receive(fresh_lot(7))});
  const auto row = fresh_row(author.account().id, 9);
  ledger->put_inbox(row);

  const auto history = load(author.account().id);
  EXPECT_EQ(restore(history.snapshot), at_snapshot);
  EXPECT_THAT(history.snapshot.lots, SizeIs(1)); // the other is empty
  EXPECT_THAT(history.tail, SizeIs(2));
  EXPECT_EQ(fold(history), author.account());
  EXPECT_THAT(history.waiting, SizeIs(1));
}

TEST_P(JournalContract, KeepsTheNewestSnapshot) {
  auto author = author_with(100);
  append(*store, author.spend(10));
  const auto older = snapshot_of(author.account());
  append(*store, author.spend(20));
  const auto newer = snapshot_of(author.account());
  rows->save(std::vector{newer});
  rows->save(std::vector{older});
  auto same_seq = newer;
  same_seq.totals.now.used = credits{1};
  rows->save(std::vector{same_seq});
  EXPECT_EQ(restore(load(author.account().id).snapshot), restore(newer));
}

TEST_P(JournalContract, ExpiredLotsAreGoneFromTheSnapshot) {
  ledger_author author(ledger->open_account());
  append(*store, {author.receive(a_lot(fresh_number(), 40, expires_in(1h))), author.receive(fresh_lot(60))});
  append(*store, author.pass(3h).expire());
  EXPECT_EQ(author.account().totals.expired, credits{40});
  rows->save(std::vector{snapshot_of(author.account())});
  EXPECT_THAT(load(author.account().id).snapshot.lots, SizeIs(1));
  EXPECT_EQ(fold(load(author.account().id)), author.account());
}

TEST_P(JournalContract, ASnapshotAnywhereGivesTheSameAccount) {
  std::mt19937 random(7);
  for (int run = 0; run < 5; ++run) {
    ledger_author author(ledger->open_account());
    for (int step = 0; step < 25; ++step) {
      const auto usable = free_units(author.account().lots, "crm", start_of_test + 1h).value();
      const auto amount = static_cast<std::int64_t>(random() % 40) + 1;
      const auto* open = author.account().holds.empty() ? nullptr : author.account().holds.all().back().get();
      const auto writes =
          amount > usable || random() % 4 == 0 ? author.receive(fresh_lot(amount))
          : random() % 3 == 0                  ? author.hold(amount, 30s)
          : open && random() % 2 == 0
              ? author.capture(open->seq, 1 + amount % sum_of(open->left).value(), random() % 2 == 0)
              : author.spend(amount);
      ASSERT_EQ(append(*store, writes).status, committed);
      if (random() % 5 == 0) rows->save(std::vector{snapshot_of(author.account())});
      ASSERT_EQ(fold(load(author.account().id)), author.account());
    }
  }
}

TEST_P(JournalContract, KeepsHoldsThroughSnapshotsAndAfterThem) {
  auto author = author_with(100);
  append(*store, author.receive(a_lot(fresh_number(), 40, expires_in(1h))));
  append(*store, author.hold(60, 24h));
  const auto first = author.account().seq;
  append(*store, author.capture(first, 45, false));
  rows->save(std::vector{snapshot_of(author.account())});
  EXPECT_EQ(restore(load(author.account().id).snapshot), author.account());

  append(*store, author.hold(20, 24h));
  const auto second = author.account().seq;
  EXPECT_EQ(fold(load(author.account().id)), author.account());
  EXPECT_EQ(author.account().holds.size(), 2u);
  append(*store, author.capture(first, 15));
  append(*store, author.release(second));
  EXPECT_EQ(fold(load(author.account().id)), author.account());
  EXPECT_TRUE(author.account().holds.empty());
  rows->save(std::vector{snapshot_of(author.account())});
  EXPECT_EQ(restore(load(author.account().id).snapshot), author.account());
}

TEST_P(JournalContract, AHoldMayOpenAndCloseInOneRound) {
  auto author = author_with(100);
  const auto opened = author.hold(60, 1h);
  const auto seq = author.account().seq;

  EXPECT_EQ(
      append(*store, {opened, author.capture(seq, 20, false), author.capture(seq, 10)}).status, committed
  );

  EXPECT_EQ(fold(load(author.account().id)), author.account());
}

TEST_P(JournalContract, TheKeyOfAHoldNamesItsEntry) {
  auto author = author_with(100);
  const auto key = fresh_key();
  append(*store, author.hold(60, 1h, key));

  const auto found = recorded({key.key});

  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().seq, author.account().seq);
}

TEST_P(JournalContract, LoadsManyAccountsAtOnce) {
  std::vector<account_id> ids;
  for (int i = 0; i < 20; ++i)
    ids.push_back(author_with(i + 1).account().id);
  ids.push_back(fresh<account_id>());
  EXPECT_THAT(rows->load(ids), SizeIs(20));
}

/// What has just been spent comes back twice: that is once too often where it is all of it.
void reverse_twice(ledger_author& author, std::vector<write_set>& sets) {
  const auto& last = author.account();
  const auto& spent = sets.back().events.empty() ? entry{} : sets.back().events.back().booked;
  if (spent.type != entry_type::spend || spent.seq != last.seq || last.totals.now.used < credits{8}) return;
  const auto known = author.spent_by(spent.seq);
  const auto part = spent.units == credits{4} ? 2 : 3;
  for (int i = 0; i < 2; ++i)
    sets.push_back(author.reverse(reversal_of(known, part)));
}

/// More than there is, now and then.
write_set claw_back(ledger_under_test& ledger, ledger_author& author, std::uint32_t number) {
  instruction asked;
  asked.id = numbered<inbox_id>(number);
  asked.account = author.account().id;
  asked.kind = inbox_kind::claw_back;
  asked.wanted = credits{20};
  ledger.put_inbox(asked);
  return author.carry_out(asked);
}

/// The same random rounds to both, some of them bad: the same outcomes and the same accounts.
TEST(DifferentialTest, MemoryAndPostgresAgree) {
  struct side {
    explicit side(std::unique_ptr<ledger_under_test> made) : ledger(std::move(made)) {}
    std::unique_ptr<ledger_under_test> ledger;
    std::unique_ptr<persistence::journal_store> store = ledger->writer();
    std::unique_ptr<persistence::account_store> rows = ledger->accounts();
    std::vector<ledger_author> authors;
  };
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    side sides[] = {side(memory_under_test()), side(postgres_under_test())};
    const auto first_number = fresh_number();
    std::vector<std::vector<std::string>> said(2);
    for (std::size_t i = 0; i < 2; ++i) {
      auto& [ledger, store, rows, authors] = sides[i];
      std::mt19937 random(seed);
      auto number = first_number + seed * 10'000;
      for (int n = 0; n < 3; ++n)
        authors.emplace_back(ledger->open_account());
      for (int step = 0; step < 40; ++step) {
        std::vector<write_set> sets;
        auto drafts = authors; // becomes the truth when the round is committed
        for (auto count = 1 + random() % 4; count > 0; --count) {
          auto& author = drafts[random() % drafts.size()];
          const auto usable = author.account().usable("crm", start_of_test + 1h).value();
          if (usable < 5 || random() % 4 == 0)
            sets.push_back(author.receive(a_lot(++number + 1'000'000, 50)));
          else if (random() % 2 == 0)
            sets.push_back(author.spend(
                3, a_key(5'000'000 + first_number + seed * 10'000 + static_cast<std::uint32_t>(random() % 30))
            ));
          else
            sets.push_back(author.spend(4));
          switch (random() % 12) {
          case 0: sets.back().previous[3] ^= 1; break;
          case 1: sets.back().events.back().booked.after.used = credits{-5}; break;
          case 2: sets.back().absorbed.push_back(numbered<inbox_id>(5)); break;
          case 3: author.pass(1s).expire(); break;
          case 4: reverse_twice(author, sets); break;
          case 5: sets.push_back(claw_back(*ledger, author, ++number + 2'000'000)); break;
          default: break;
          }
        }
        std::vector<const write_set*> round;
        for (const auto& set : sets)
          round.push_back(&set);
        const auto outcome = store->append(round);
        auto line = std::to_string(static_cast<int>(outcome.status));
        std::vector<std::size_t> named;
        for (const auto& account : outcome.outrun)
          for (std::size_t a = 0; a < authors.size(); ++a)
            if (authors[a].account().id == account) named.push_back(a);
        std::ranges::sort(named);
        for (const auto a : named)
          line += " outrun " + std::to_string(a);
        line += " recorded " + std::to_string(outcome.recorded.size());
        said[i].push_back(line);
        if (outcome.status == committed) authors = std::move(drafts);
        for (const auto& author : authors) {
          const auto history = rows->load(std::vector{author.account().id}).front();
          ASSERT_EQ(fold(history), author.account());
          if (random() % 10 == 0) rows->save(std::vector{snapshot_of(author.account())});
        }
      }
    }
    EXPECT_EQ(said[0], said[1]);
  }
}

// Spends that happen together

/// So many spends of one credit, each with a key of its own, as one write set.
write_set together(ledger_author& author, std::size_t count, std::vector<idempotency_key>& keys) {
  consume_atomically batch{author.account().id, {}, {}};
  for (std::size_t i = 0; i < count; ++i) {
    batch.items.push_back(consume(1));
    batch.items.back().account = author.account().id;
    batch.items.back().idempotency = keys.emplace_back(fresh_key());
  }
  return author.spend(batch);
}

std::vector<uuid> uuids_of(const std::vector<idempotency_key>& keys) {
  std::vector<uuid> all;
  for (const auto& key : keys)
    all.push_back(key.key);
  return all;
}

TEST_P(JournalContract, AWriteSetHasAnAnswerForEachOfItsKeys) {
  auto author = author_with(100);
  std::vector<idempotency_key> keys;
  const auto writes = together(author, 3, keys);
  ASSERT_EQ(append(*store, writes).status, committed);

  const auto found = recorded(uuids_of(keys));
  ASSERT_THAT(found, SizeIs(3));
  for (const auto& spend : found) {
    const auto at = std::ranges::find(keys, spend.idempotency) - keys.begin();
    EXPECT_EQ(spend.seq, writes.events[static_cast<std::size_t>(at)].booked.seq);
  }
  EXPECT_EQ(fold(load(author.account().id)), author.account());
}

TEST_P(JournalContract, AWriteSetOneOfWhoseKeysIsThereLeavesNothingAndNamesAllThatAre) {
  auto author = author_with(100);
  auto other = author_with(100);
  std::vector<idempotency_key> keys;
  const auto writes = together(author, 4, keys);
  ASSERT_EQ(append(*store, {other.spend(7, keys[1]), other.spend(9, keys[3])}).status, committed);

  const auto outcome = append(*store, writes);

  EXPECT_EQ(outcome.status, duplicate);
  std::vector<uuid> named;
  for (const auto& spend : outcome.recorded)
    named.push_back(spend.idempotency.key);
  EXPECT_THAT(named, UnorderedElementsAre(keys[1].key, keys[3].key));
  EXPECT_THAT(recorded({keys[0].key, keys[2].key}), IsEmpty());
}

TEST_P(JournalContract, TenThousandEntriesAreOneWriteSet) {
  auto author = author_with(20'000);
  std::vector<idempotency_key> keys;
  const auto writes = together(author, 10'000, keys);
  const auto twice = writes;

  EXPECT_EQ(append(*store, writes).status, committed);
  EXPECT_THAT(recorded(uuids_of(keys)), SizeIs(10'000));
  EXPECT_EQ(fold(load(author.account().id)), author.account());
  EXPECT_EQ(append(*store, twice).status, outrun);
}

} // namespace
} // namespace tessera::test
