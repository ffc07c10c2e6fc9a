// Reading the ledger in pages, against a real PostgreSQL.
#include "tests/integration/ledger_page_reading.hpp"

#include <cstdlib>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::SizeIs;

using LedgerPagesTest = LedgerPageReadingTest;

TEST_F(LedgerPagesTest, AnAccountIsReadInEitherOrder) {
  bulk({.account = to_string(org.account), .count = 5});
  auto query = crm_of(org.account);
  query.limit = 2;
  EXPECT_THAT(all(query), ElementsAre("org-1/5", "org-1/4", "org-1/3", "org-1/2", "org-1/1"));
  query.oldest_first = true;
  EXPECT_THAT(all(query), ElementsAre("org-1/1", "org-1/2", "org-1/3", "org-1/4", "org-1/5"));
  query.limit = 5;
  EXPECT_FALSE(page(query).next) << "a full page is the last when nothing follows";
}

TEST_F(LedgerPagesTest, AnEmptyAccountHasNoPages) {
  auto query = crm_of(org.account);
  EXPECT_THAT(all(query), IsEmpty());
  query.oldest_first = true;
  EXPECT_THAT(all(query), IsEmpty());
}

TEST_F(LedgerPagesTest, ShowsEntriesOfTheApplicationAndOfNone) {
  bulk({.account = to_string(org.account), .count = 6, .application = "(ARRAY['crm', '', 'hr'])[1 + n % 3]"});
  auto query = crm_of(org.account);
  EXPECT_THAT(all(query), ElementsAre("org-1/6", "org-1/4", "org-1/3", "org-1/1"));
  query.entity_level = false;
  EXPECT_THAT(all(query), ElementsAre("org-1/6", "org-1/3"));
}

TEST_F(LedgerPagesTest, FiltersByTypeAndTime) {
  bulk({.account = to_string(org.account), .count = 3, .application = "''", .type = "1"});
  bulk({.account = to_string(org.account), .first_seq = 4, .count = 3});
  bulk({.account = to_string(org.account), .first_seq = 7, .count = 2, .application = "'hr'", .type = "5"});
  bulk({.account = to_string(org.account), .first_seq = 9, .count = 2, .type = "5"});
  auto query = crm_of(org.account);
  query.type = entry_type::purchase;
  EXPECT_THAT(all(query), ElementsAre("org-1/3", "org-1/2", "org-1/1"));
  query.type = entry_type::spend;
  EXPECT_THAT(all(query), ElementsAre("org-1/6", "org-1/5", "org-1/4"));
  query.type = entry_type::hold;
  EXPECT_THAT(all(query), ElementsAre("org-1/10", "org-1/9"));
  query.type = entry_type::refund;
  EXPECT_THAT(all(query), IsEmpty());
  query.type.reset();
  query.from = march(1) + 3s;
  query.to = march(1) + 5s;
  EXPECT_THAT(all(query), ElementsAre("org-1/4", "org-1/3")) << "from is inclusive, to is not";
}

TEST_F(LedgerPagesTest, ATreeIsReadInOneOrder) {
  const auto below = make_location("loc-1", "org-1");
  const auto beside = make_organization(database(), tenant, "org-2");
  for (const auto& [account, begun] : {
           std::pair{org.account, "2026-03-01 00:00:00+00"},
           std::pair{below, "2026-03-01 00:00:00.5+00"},
           std::pair{beside.account, "2026-03-01 00:00:00+00"}, // the same instants as org-1
       })
    bulk({.account = to_string(account), .count = 3, .begun = begun});
  auto query = crm_of(org.account);
  query.of.parts[0].descendants = true;
  for (int limit = 1; limit <= 7; ++limit) {
    query.limit = limit;
    EXPECT_THAT(all(query), ElementsAre("loc-1/3", "org-1/3", "loc-1/2", "org-1/2", "loc-1/1", "org-1/1"));
    query.of.parts[0].root = tenant.genesis.account;
    const auto everything = all(query);
    EXPECT_THAT(everything, SizeIs(9));
    query.oldest_first = true;
    auto turned = all(query);
    std::reverse(turned.begin(), turned.end());
    EXPECT_EQ(turned, everything);
    query.oldest_first = false;
    query.of.parts[0].root = org.account;
  }
}

TEST_F(LedgerPagesTest, ReadsSeveralPartsAndNothingBetweenThem) {
  const auto below = make_location("loc-1", "org-1");
  const auto beside = make_organization(database(), tenant, "org-2");
  const auto under = make_location("loc-2", "org-2");
  int second = 0;
  for (const auto& account : {org.account, below, beside.account, under})
    bulk(
        {.account = to_string(account),
         .count = 2,
         .begun = "2026-03-01 00:00:0" + std::to_string(++second) + "+00",
         .apart = "1 millisecond"}
    );
  auto query = crm_of(org.account);
  query.of.parts.push_back({beside.account, true});
  const std::vector<std::string> expected{"loc-2/2", "loc-2/1", "org-2/2", "org-2/1", "org-1/2", "org-1/1"};
  EXPECT_EQ(all(query), expected);
  query.limit = 1;
  EXPECT_EQ(all(query), expected);
  query.of.parts.clear();
  EXPECT_THAT(all(query), IsEmpty());
}

TEST_F(LedgerPagesTest, EveryApplicationIsAlsoOneThatWasDeleted) {
  in_tenant([&](auto& in) {
    persistence::create_application(in, {tenant.id, "crm", "CRM"});
    persistence::create_application(in, {tenant.id, "hr", "HR"});
    in.execute("UPDATE applications SET deleted_at = now() WHERE application_id = 'hr'");
    return 0;
  });
  bulk({.account = to_string(org.account), .count = 3, .application = "(ARRAY['crm', '', 'hr'])[n]"});
  auto query = crm_of(org.account);
  query.applications = {{}, true};
  EXPECT_THAT(all(query), ElementsAre("org-1/3", "org-1/2", "org-1/1"));
  query.entity_level = false;
  EXPECT_THAT(all(query), ElementsAre("org-1/3", "org-1/1"));
}

TEST_F(LedgerPagesTest, WhatBecomesDurableLateIsNeitherLostNorTwice) {
  const auto other = make_organization(database(), tenant, "org-2");
  bulk({.account = to_string(org.account), .count = 20, .apart = "2 seconds"});
  std::int64_t next_seq = 1;
  std::int64_t end_seq = 21;
  for (const auto& [oldest_first, most_scanned] : {
           std::pair{false, 10'000},
           std::pair{true, 10'000},
           std::pair{false, 2},
           std::pair{true, 2},
       }) {
    auto query = crm_of(tenant.genesis.account);
    query.most_scanned = most_scanned;
    query.of.parts[0].descendants = true;
    query.oldest_first = oldest_first;
    query.limit = 3;
    const auto before = all(query);
    // An entry that was booked early commits after each page, and a new one at the end.
    int late = 0;
    const auto names = all(query, [&] {
      ++late;
      bulk(
          {.account = to_string(other.account),
           .first_seq = next_seq++,
           .count = 1,
           .begun = "2026-03-01 00:00:00+00",
           .apart = "1 millisecond"}
      );
      bulk({.account = to_string(org.account), .first_seq = end_seq++, .count = 1, .begun = "2027-03-01"});
    });
    EXPECT_GT(late, 3);
    auto sorted = names;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(std::unique(sorted.begin(), sorted.end()), sorted.end()) << "twice";
    EXPECT_THAT(names, IsSupersetOf(before)) << "missing";
    EXPECT_LT(names.size(), before.size() + static_cast<std::size_t>(late) * 2) << "it would never end";
  }
}

TEST_F(LedgerPagesTest, AnotherTenantSeesNothing) {
  bulk({.account = to_string(org.account), .count = 3});
  const auto other = make_tenant(database());
  auto query = crm_of(org.account);
  query.of.parts[0].descendants = true;
  EXPECT_THAT(
      in_tenant(other, [&](auto& in) { return persistence::transactions_of(in, query); }).transactions,
      IsEmpty()
  );
}

TEST_F(LedgerPagesTest, APageTakesAsLongAtTheEndAsAtTheBeginning) {
  const char* asked = std::getenv("TESSERA_TEST_ENTRIES"); // 1000000 for the long version
  const auto count = asked ? std::atoll(asked) : 50'000;
  bulk(
      {.account = to_string(org.account),
       .count = count,
       .application = "CASE WHEN n % " + std::to_string(count / 100) + " = 0 THEN 'hr' ELSE 'crm' END"}
  );
  owner.execute("ANALYZE credit_entries", std::chrono::minutes(5));
  auto query = crm_of(org.account);
  const auto newest = best_time([&] { page(query); });
  query.after = ledger_position{march(1) + 100s, org.account};
  const auto deepest = best_time([&] { page(query); });
  query.oldest_first = true;
  query.after.reset();
  const auto oldest = best_time([&] { page(query); });
  query = crm_of(org.account);
  query.applications.named = {"hr"};
  const auto rare = best_time([&] { page(query); });
  query.applications.named = {"crm"};
  query.type = entry_type::hold;
  const auto absent = best_time([&] { page(query); });
  query.of.parts[0].root = tenant.genesis.account;
  query.of.parts[0].descendants = true;
  query.type.reset();
  const auto whole = best_time([&] { page(query); });
  std::printf(
      "%lld entries, a page of 50 in us: newest %lld, deepest %lld, oldest first %lld, rare application %lld,"
      " absent type %lld, whole tenant %lld\n",
      static_cast<long long>(count),
      newest,
      deepest,
      oldest,
      rare,
      absent,
      whole
  );
  // A page that had to look for its entries would take a hundred times as long.
  for (const auto time : {deepest, oldest, absent, whole})
    EXPECT_LT(time, newest * 5 + 5'000);
  EXPECT_LT(rare, newest * 5 + 100'000) << "it looks at 10,000, however long the account is";
}

} // namespace
} // namespace tessera::test
