// Pages that end before they are full, because enough has been looked at, against a real PostgreSQL.
#include "tests/integration/ledger_page_reading.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class BoundedPagesTest : public LedgerPageReadingTest {
protected:
  /// What the pages of all should show, by the shortest SQL there is. `which` is a condition on e.
  std::vector<std::string> in_the_ledger(const std::string& which, bool oldest_first) {
    const auto order = std::string(oldest_first ? "ASC" : "DESC");
    const auto text = postgres_cluster::shared().query(
        database(),
        "SELECT string_agg(n.entity_id || '/' || e.seq, ' ' ORDER BY e.booked_at " + order +
            ", e.account_id " + order +
            ") FROM credit_entries e JOIN entities n USING (account_id) WHERE e.seq > 0 AND e.tenant_id = '" +
            to_string(tenant.id) + "' AND " + which
    );
    std::vector<std::string> names;
    std::istringstream in(text);
    for (std::string name; in >> name;)
      names.push_back(name);
    return names;
  }
};

TEST_F(BoundedPagesTest, APageEndsWhereEnoughHasBeenLookedAt) {
  bulk(
      {.account = to_string(org.account),
       .count = 10,
       .application = "CASE WHEN n IN (2, 9) THEN 'crm' ELSE 'hr' END"}
  );
  auto query = crm_of(org.account);
  query.most_scanned = 4;
  auto read = page(query);
  ASSERT_THAT(read.transactions, SizeIs(1)) << "of 10, 9, 8 and 7";
  EXPECT_EQ(read.transactions[0].booked.seq, 9);
  EXPECT_EQ(read.next, (ledger_position{march(1) + 7s, org.account})) << "behind all that was looked at";
  query.after = read.next;
  read = page(query);
  EXPECT_THAT(read.transactions, IsEmpty()) << "6, 5, 4 and 3 are of another application";
  EXPECT_EQ(read.next, (ledger_position{march(1) + 3s, org.account}));
  query.after = read.next;
  read = page(query);
  ASSERT_THAT(read.transactions, SizeIs(1));
  EXPECT_EQ(read.transactions[0].booked.seq, 2);
  EXPECT_FALSE(read.next);
}

/// An entry of a stream that was not looked at may belong before those that were found in another.
TEST_F(BoundedPagesTest, NothingBehindTheHorizonIsShown) {
  const auto other = make_organization(database(), tenant, "org-2");
  bulk({.account = to_string(org.account), .count = 3, .begun = "2026-03-01 00:00:10+00"});
  bulk(
      {.account = to_string(other.account),
       .count = 3,
       .begun = "2026-03-01 00:00:00+00",
       .apart = "4 seconds"}
  );
  auto query = crm_of(tenant.genesis.account);
  query.of.parts[0].descendants = true;
  query.most_scanned = 3; // all that org-1 has: 11 to 13; 12 of org-2 lies between
  EXPECT_THAT(all(query), ElementsAre("org-1/3", "org-2/3", "org-1/2", "org-1/1", "org-2/2", "org-2/1"));
  EXPECT_THAT(page(query).transactions, SizeIs(1));
}

TEST_F(BoundedPagesTest, EveryEntryShowsOnceHoweverLittleAPageMayLookAt) {
  const auto below = make_location("loc-1", "org-1");
  const auto beside = make_organization(database(), tenant, "org-2");
  // Different instants, the same ones, and bursts; an application in turns, in clumps, and once.
  bulk({.account = to_string(org.account), .count = 40, .application = "(ARRAY['crm', '', 'hr'])[1 + n % 3]"}
  );
  bulk({.account = to_string(below), .count = 30, .application = "(ARRAY['crm', 'hr'])[1 + n / 10 % 2]"});
  bulk(
      {.account = to_string(beside.account),
       .count = 50,
       .begun = "2026-03-01 00:00:20+00",
       .apart = "1 microsecond",
       .application = "CASE n WHEN 25 THEN 'crm' ELSE 'hr' END"}
  );
  const auto from = march(1) + 7s;
  const auto to = march(1) + 35s;
  for (const bool oldest_first : {false, true})
    for (const int most_scanned : {1, 2, 3, 7, 50, 10'000})
      for (const int limit : {1, 4, 1'000}) {
        SCOPED_TRACE(testing::Message() << oldest_first << ' ' << most_scanned << ' ' << limit);
        auto query = crm_of(tenant.genesis.account);
        query.of.parts[0].descendants = true;
        query.oldest_first = oldest_first;
        query.most_scanned = most_scanned;
        query.limit = limit;
        ASSERT_EQ(all(query), in_the_ledger("application IN ('crm', '')", oldest_first));
        query.type = entry_type::spend;
        query.from = from;
        query.to = to;
        ASSERT_EQ(
            all(query),
            in_the_ledger(
                "application = 'crm' AND booked_at >= '2026-03-01 00:00:07+00'"
                " AND booked_at < '2026-03-01 00:00:35+00'",
                oldest_first
            )
        );
      }
}

TEST_F(BoundedPagesTest, BoundsInTimeAreExact) {
  bulk({.account = to_string(org.account), .count = 9});
  auto query = crm_of(org.account);
  for (int from = 0; from <= 10; ++from)
    for (int to = from + 1; to <= 11; ++to)
      for (const auto off : {0us, 1us}) {
        query.from = march(1) + std::chrono::seconds(from) + off;
        query.to = march(1) + std::chrono::seconds(to) + off;
        std::vector<std::string> inside;
        for (int n = std::min(9, off == 0us ? to - 1 : to); n >= std::max(1, off == 0us ? from : from + 1);
             --n)
          inside.push_back("org-1/" + std::to_string(n));
        ASSERT_EQ(all(query), inside) << from << " to " << to << " and " << off.count() << " us";
      }
}

TEST_F(BoundedPagesTest, ARareApplicationInAHugeAccountTakesBoundedTime) {
  const char* asked = std::getenv("TESSERA_TEST_ENTRIES"); // 1000000 for the long version
  const auto count = asked ? std::atoll(asked) : 50'000;
  bulk(
      {.account = to_string(org.account),
       .count = count,
       .application = "CASE WHEN n IN (1, 2, 5000) THEN 'hr' ELSE 'crm' END"}
  );
  owner.execute("ANALYZE credit_entries", std::chrono::minutes(5));
  auto query = crm_of(org.account);
  query.applications.named = {"hr"};
  const auto first = page(query);
  EXPECT_THAT(first.transactions, IsEmpty());
  EXPECT_TRUE(first.next);
  const auto empty = best_time([&] { page(query); });
  int pages = 1;
  EXPECT_THAT(all(query, [&] { ++pages; }), ElementsAre("org-1/5000", "org-1/2", "org-1/1"));
  EXPECT_EQ(pages, count / query.most_scanned) << "each looks at as much";
  query.oldest_first = true;
  const auto oldest = page(query);
  EXPECT_THAT(oldest.transactions, SizeIs(3)) << "an early end shows what was found";
  EXPECT_TRUE(oldest.next);
  EXPECT_THAT(all(query), ElementsAre("org-1/1", "org-1/2", "org-1/5000"));
  std::printf("%lld entries, an empty page in %lld us\n", static_cast<long long>(count), empty);
  EXPECT_LT(empty, 200'000);
}

} // namespace
} // namespace tessera::test
