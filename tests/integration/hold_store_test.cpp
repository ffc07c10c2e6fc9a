// Reading holds from a real PostgreSQL.
#include "persistence/stores/hold_store.hpp"
#include "persistence/stores/inbox_store.hpp"
#include "persistence/stores/pg_journal_store.hpp"
#include "tests/integration/ledger_reading.hpp"

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class HoldStoreTest : public LedgerReadingTest {
protected:
  HoldStoreTest() { append(author.receive(a_lot(fresh_number(), 1'000))); }

  void append(const write_set& writes) {
    const write_set* round[] = {&writes};
    ASSERT_EQ(journal.append(round).status, persistence::append_status::committed);
  }
  std::uint64_t open(std::int64_t amount, time_point::duration ttl = 1h) {
    append(author.hold(amount, ttl));
    return author.account().seq;
  }

  std::optional<hold_view> find(hold_query query, time_point now = start_of_test) {
    query.tenant = tenant.id;
    query.opened.account = org.account;
    return in_tenant([&](auto& in) { return persistence::find_hold(in, query, now); });
  }
  std::optional<hold_view> find(std::uint64_t seq, time_point now = start_of_test) {
    return find({{}, {{}, seq}, {}, {}}, now);
  }
  std::vector<std::uint64_t> listed(list_holds wanted, hold_page* page = nullptr) {
    wanted.of.of = {tenant.id, {{org.account, false}}};
    wanted.of.applications.named = {"crm"};
    auto found = in_tenant([&](auto& in) { return persistence::holds_of(in, wanted, start_of_test); });
    std::vector<std::uint64_t> seqs;
    for (const auto& each : found.holds)
      seqs.push_back(each.opened.seq);
    if (page) *page = std::move(found);
    return seqs;
  }

  persistence::pg_journal_store journal{service_url(database()), test_writer, patience};
  ledger_author author{org};
};

TEST_F(HoldStoreTest, ToldWhatEachHoldIs) {
  const auto open_one = open(10);
  const auto captured = open(20);
  append(author.capture(captured, 15));
  const auto released = open(30);
  append(author.release(released));
  const auto partly = open(40);
  append(author.capture(partly, 5, false));

  EXPECT_EQ(find(open_one)->mark.state, hold_state::open);
  EXPECT_EQ(find(captured)->mark.state, hold_state::captured);
  EXPECT_EQ(find(captured)->mark.captured, credits{15});
  EXPECT_EQ(find(captured)->taken, (std::vector<slice>{{author.account().lots.front().id, credits{20}}}));
  EXPECT_EQ(find(released)->mark.state, hold_state::released);
  EXPECT_EQ(find(partly)->mark.state, hold_state::open);
  EXPECT_EQ(find(partly)->mark.captured, credits{5});
  EXPECT_FALSE(find(captured + 1)) << "an entry that opens no hold";
}

TEST_F(HoldStoreTest, AnEntryThatOpenedNoneIsNoHold) {
  const auto captured = open(20);
  append(author.capture(captured, 15));
  const auto last = author.account().seq;
  for (std::uint64_t seq = 0; seq <= last; ++seq)
    EXPECT_EQ(find(seq).has_value(), seq == captured) << seq;
}

TEST_F(HoldStoreTest, IsOverAtItsEndThoughNobodyHasBookedIt) {
  const auto seq = open(10, 1min);
  const auto end = author.account().holds.all().front()->ends_at;

  EXPECT_EQ(find(seq, end - tick)->mark.state, hold_state::open);
  EXPECT_EQ(find(seq, end)->mark.state, hold_state::expired);
}

TEST_F(HoldStoreTest, AnEntryTellsTheHoldAsItLeftIt) {
  const auto seq = open(10);
  append(author.capture(seq, 4, false));
  const auto first = author.account().seq;
  append(author.capture(seq, 6));

  const auto then = find({{}, {}, first, {}});
  EXPECT_EQ(then->opened.seq, seq);
  EXPECT_EQ(then->mark.captured, credits{4});
  EXPECT_EQ(then->mark.state, hold_state::open);
  EXPECT_EQ(find({{}, {}, seq, {}})->mark.captured, credits{0});
}

TEST_F(HoldStoreTest, KnowsNothingOfOtherApplicationsAndTenants) {
  const auto seq = open(10);
  EXPECT_FALSE(find({{}, {{}, seq}, {}, "hr"}));
  EXPECT_TRUE(find({{}, {{}, seq}, {}, "crm"}));

  const auto stranger = make_tenant(database());
  const hold_query asked{stranger.id, {org.account, seq}, {}, {}};
  EXPECT_FALSE(in_tenant(stranger, [&](auto& in) { return persistence::find_hold(in, asked, start_of_test); })
  );
}

TEST_F(HoldStoreTest, ListsThemNewestFirstPageByPage) {
  const auto first = open(10);
  const auto second = open(20);
  const auto third = open(30);
  append(author.release(second));

  list_holds wanted;
  wanted.of.limit = 2;
  hold_page page;
  EXPECT_THAT(listed(wanted, &page), ElementsAre(third, second));
  EXPECT_EQ(page.holds.back().mark.state, hold_state::released);
  EXPECT_EQ(page.holds.front().entity, (entity_ref{entity_type::organization, "org-1"}));
  wanted.of.after = page.next;
  EXPECT_THAT(listed(wanted), ElementsAre(first));
}

/// What is set aside for a refund belongs to no application, and is everybody's to see.
TEST_F(HoldStoreTest, ThoseOfNoApplicationAreListedWithTheCallers) {
  const auto spending = open(10);
  instruction asked;
  asked.id = fresh<inbox_id>();
  asked.account = org.account;
  asked.kind = inbox_kind::set_aside;
  asked.wanted = credits{5};
  asked.purpose = hold_purpose::refund;
  asked.ttl = 1h;
  asked.reference = "rfd-1";
  in_tenant([&](auto& in) { return persistence::leave(in, tenant.id, asked), true; });
  append(author.carry_out(asked));
  const auto refund = author.account().seq;

  hold_page page;
  EXPECT_THAT(listed({}, &page), testing::UnorderedElementsAre(spending, refund));
  hold_query query{{}, {{}, refund}, {}, "crm", true};
  ASSERT_TRUE(find(query));
  EXPECT_EQ(find(query)->application, "");
  query.entity_level = false;
  EXPECT_FALSE(find(query)) << "it is not for callers to settle";
}

} // namespace
} // namespace tessera::test
