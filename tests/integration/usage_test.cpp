// What was used, added up by a real PostgreSQL.
#include "persistence/stores/pg_journal_store.hpp"
#include "persistence/stores/usage_store.hpp"
#include "tests/integration/ledger_reading.hpp"

#include <atomic>
#include <thread>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class UsageTest : public LedgerReadingTest {
protected:
  usage_report usage(const usage_query& query) {
    return in_tenant([&](auto& in) { return persistence::usage_of(in, query); });
  }
  usage_query crm_of(const account_id& account) {
    usage_query query;
    query.of = {tenant.id, {{account, false}}};
    query.applications.named = {"crm"};
    return query;
  }
  /// One entry, booked a second after it happened unless `more` says when.
  void put(std::int64_t seq, std::int64_t units, const std::string& occurred, const std::string& more = {}) {
    bulk({.account = to_string(org.account), .first_seq = seq, .count = 1});
    const auto booked = more.find("booked_at") == std::string::npos
                            ? ", booked_at = '" + occurred + "'::timestamptz + interval '1 second'"
                            : std::string{};
    owner.run_script(
        "ALTER TABLE credit_entries DISABLE TRIGGER USER; UPDATE credit_entries SET units = " +
            std::to_string(units) + ", occurred_at = '" + occurred + "'" + booked + more +
            " WHERE account_id = '" + to_string(org.account) + "' AND seq = " + std::to_string(seq) +
            "; ALTER TABLE credit_entries ENABLE TRIGGER USER",
        patience
    );
  }
  void set_timezone(const std::string& zone) {
    owner.run_script(
        "UPDATE tenants SET timezone = '" + zone + "' WHERE tenant_id = '" + to_string(tenant.id) + "'",
        patience
    );
  }
  /// `2026-03-01T10:00:00Z` and nothing else.
  static time_point from_text(const std::string& text) {
    const auto number = [&](std::size_t at, std::size_t length) {
      return std::stoi(text.substr(at, length));
    };
    const std::chrono::year_month_day day(
        std::chrono::year(number(0, 4)),
        std::chrono::month(static_cast<unsigned>(number(5, 2))),
        std::chrono::day(static_cast<unsigned>(number(8, 2)))
    );
    return std::chrono::sys_days(day) + std::chrono::hours(number(11, 2)) +
           std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2));
  }
  static std::vector<std::string> lines(const usage_report& report) {
    std::vector<std::string> all;
    for (const auto& b : report.buckets)
      all.push_back(
          (b.window ? to_rfc3339(*b.window) : "") + "|" + b.application + "|" +
          (b.entity ? b.entity->id : "") + "|" + b.meter + "|" + b.used + "-" + b.reversed + "/" +
          std::to_string(b.count)
      );
    return all;
  }
};

TEST_F(UsageTest, AddsUpWhatAnApplicationUsed) {
  bulk({.account = to_string(org.account), .count = 6, .application = "(ARRAY['crm', '', 'hr'])[1 + n % 3]"});
  EXPECT_THAT(lines(usage(crm_of(org.account))), ElementsAre("||||11-0/2")); // 3 and 6: 4 + 7
  auto query = crm_of(org.account);
  query.applications.named = {"erp"};
  EXPECT_THAT(usage(query).buckets, IsEmpty());
}

TEST_F(UsageTest, GroupsByAnySubset) {
  const auto below = make_location("loc-1", "org-1");
  bulk({.account = to_string(org.account), .count = 6});
  bulk({.account = to_string(below), .count = 1});
  auto query = crm_of(org.account);
  query.of.parts[0].descendants = true;
  query.by_entity = true;
  EXPECT_THAT(lines(usage(query)), ElementsAre("||org-1||27-0/6", "||loc-1||2-0/1"));
  query.by_meter = query.by_application = true;
  EXPECT_THAT(
      lines(usage(query)),
      ElementsAre(
          "|crm|org-1|meter-0|11-0/2", // 4 + 7
          "|crm|org-1|meter-1|7-0/2",  // 2 + 5
          "|crm|org-1|meter-2|9-0/2",  // 3 + 6
          "|crm|loc-1|meter-1|2-0/1"
      )
  );
  query.by_entity = query.by_application = false;
  EXPECT_THAT(lines(usage(query)), ElementsAre("|||meter-0|11-0/2", "|||meter-1|9-0/3", "|||meter-2|9-0/2"));
}

TEST_F(UsageTest, CountsOnlyWhatUsesCredits) {
  for (int type = 1; type <= 18; ++type)
    bulk({.account = to_string(org.account), .first_seq = type * 7, .count = 1, .type = std::to_string(type)}
    );
  EXPECT_THAT(lines(usage(crm_of(org.account))), ElementsAre("||||2-0/2")) << "a spend and a capture";
}

TEST_F(UsageTest, BucketsAreByWhenItHappenedOrWasBooked) {
  put(1, 5, "2026-03-01T10:59:59.5Z");
  auto query = crm_of(org.account);
  query.window = usage_window::hour;
  EXPECT_THAT(lines(usage(query)), ElementsAre("2026-03-01T10:00:00Z||||5-0/1"));
  query.by_booked_at = true;
  EXPECT_THAT(lines(usage(query)), ElementsAre("2026-03-01T11:00:00Z||||5-0/1"));
  query.window = usage_window::minute;
  EXPECT_THAT(lines(usage(query)), ElementsAre("2026-03-01T11:00:00Z||||5-0/1"));
}

TEST_F(UsageTest, TheRangeIsHalfOpenAndFindsLateEvents) {
  put(1, 1, "2026-03-01T00:00:00Z");
  put(2, 8, "2026-03-01T12:00:00Z", ", booked_at = '2026-03-01T11:55:00Z'"); // five minutes ahead
  put(3, 2, "2026-03-02T00:00:00Z");
  put(4, 4, "2026-03-01T12:00:00Z", ", booked_at = '2026-03-08T12:00:00Z'"); // seven days late
  auto query = crm_of(org.account);
  query.from = march(1);
  query.to = march(2);
  EXPECT_THAT(lines(usage(query)), ElementsAre("||||13-0/3"));
  query.from = march(1) + 12h;
  query.to = march(1) + 12h + 1us;
  EXPECT_THAT(lines(usage(query)), ElementsAre("||||12-0/2"));
}

TEST_F(UsageTest, AReversalCountsWhereItsOriginalDoes) {
  put(1, 5, "2026-03-01T10:00:00Z", ", meter = 'calls'");
  std::string original = to_string(org.account);
  std::erase(original, '-');
  put(2, 3, "2026-06-01T10:00:00Z", ", entry_type = 19, meter = '', reference = 'txn-" + original + "-1'");
  owner.execute(
      "INSERT INTO credit_reversals VALUES ($1, 1, 2, $2, 3)",
      pg::parameters().add(org.account).add(tenant.id),
      patience
  );
  auto query = crm_of(org.account);
  query.window = usage_window::day;
  query.by_meter = true;
  for (const bool by_booked_at : {false, true}) {
    query.by_booked_at = by_booked_at;
    EXPECT_THAT(lines(usage(query)), ElementsAre("2026-03-01T00:00:00Z|||calls|5-3/1"));
    query.to = march(2);
    EXPECT_THAT(lines(usage(query)), ElementsAre("2026-03-01T00:00:00Z|||calls|5-3/1"));
    query.to.reset();
  }
}

TEST_F(UsageTest, AReversedCaptureCountsWhereItDoes) {
  ledger_author author(make_organization(database(), tenant, "org-3"));
  persistence::pg_journal_store store(service_url(database()), test_writer, patience);
  const auto append = [&](const write_set& writes) {
    const write_set* round[] = {&writes};
    ASSERT_EQ(store.append(round).status, persistence::append_status::committed);
  };
  append(author.receive(a_lot(fresh_number(), 100)));
  append(author.hold(20, 24h));
  append(author.capture(author.account().seq, 20));
  const auto captured = author.account().seq;
  append(author.spend(7));
  author.pass(std::chrono::days{40});
  append(author.reverse(captured, 5));
  append(author.reverse(captured, 4));
  auto query = crm_of(author.account().id);
  query.window = usage_window::month;
  for (const bool by_booked_at : {false, true}) {
    query.by_booked_at = by_booked_at;
    EXPECT_THAT(lines(usage(query)), ElementsAre("2025-12-01T00:00:00Z||||27-9/2"));
  }
  query.applications.named = {"hr"};
  EXPECT_THAT(usage(query).buckets, IsEmpty());
}

struct dst_case {
  std::string zone;
  std::string at;
  usage_window window;
  std::string begins;
};

TEST_F(UsageTest, DaysAndMonthsAreTheTenants) {
  const dst_case cases[] = {
      // Berlin: the day of 29 March has 23 hours, that of 25 October 25.
      {"Europe/Berlin", "2026-03-28T22:59:59Z", usage_window::day, "2026-03-27T23:00:00Z"},
      {"Europe/Berlin", "2026-03-28T23:00:00Z", usage_window::day, "2026-03-28T23:00:00Z"},
      {"Europe/Berlin", "2026-03-29T21:59:59Z", usage_window::day, "2026-03-28T23:00:00Z"},
      {"Europe/Berlin", "2026-03-29T22:00:00Z", usage_window::day, "2026-03-29T22:00:00Z"},
      {"Europe/Berlin", "2026-10-24T22:00:00Z", usage_window::day, "2026-10-24T22:00:00Z"},
      {"Europe/Berlin", "2026-10-25T22:59:59Z", usage_window::day, "2026-10-24T22:00:00Z"},
      {"Europe/Berlin", "2026-10-25T23:00:00Z", usage_window::day, "2026-10-25T23:00:00Z"},
      {"Europe/Berlin", "2026-03-31T21:59:59Z", usage_window::month, "2026-02-28T23:00:00Z"},
      {"Europe/Berlin", "2026-03-31T22:00:00Z", usage_window::month, "2026-03-31T22:00:00Z"},
      // Cairo: the clocks go on at midnight, so 24 April begins at 01:00; on 29 October they go back at its
      // end.
      {"Africa/Cairo", "2026-04-23T21:59:59Z", usage_window::day, "2026-04-22T22:00:00Z"},
      {"Africa/Cairo", "2026-04-23T22:00:00Z", usage_window::day, "2026-04-23T22:00:00Z"},
      {"Africa/Cairo", "2026-04-24T20:59:59Z", usage_window::day, "2026-04-23T22:00:00Z"},
      {"Africa/Cairo", "2026-10-29T21:30:00Z", usage_window::day, "2026-10-28T21:00:00Z"},
      {"Africa/Cairo", "2026-10-29T22:00:00Z", usage_window::day, "2026-10-29T22:00:00Z"},
      // Minutes and hours are those of UTC, whatever half hours the zone has.
      {"Asia/Kolkata", "2026-03-01T10:15:30Z", usage_window::hour, "2026-03-01T10:00:00Z"},
      {"Asia/Kolkata", "2026-03-01T18:30:00Z", usage_window::day, "2026-03-01T18:30:00Z"},
  };
  for (const auto& [zone, at, window, begins] : cases) {
    set_timezone(zone);
    // A seq that rises with the time, as in every ledger.
    put(std::chrono::duration_cast<std::chrono::seconds>(from_text(at) - start_of_test).count(), 1, at);
    auto query = crm_of(org.account);
    query.window = window;
    query.from = from_text(at);
    query.to = *query.from + 1us;
    EXPECT_THAT(lines(usage(query)), ElementsAre(begins + "||||1-0/1")) << zone << " " << at;
  }
}

/// Of entries of one account that commit one after the other, every snapshot has the first so many.
TEST_F(UsageTest, SumsAreThoseOfOneSnapshotWhileOthersWrite) {
  const auto other = make_organization(database(), tenant, "org-2");
  std::vector<std::int64_t> sum_of{0};
  for (std::int64_t n = 1; n <= 2'000; ++n)
    sum_of.push_back(sum_of.back() + 1 + n % 7);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    pg::connection session(owner_options(database()));
    session.open();
    for (std::int64_t n = 1; n <= 2'000 && !done; ++n)
      for (const auto& account : {org.account, other.account})
        session.run_script(
            bulk_insert({to_string(account), to_string(tenant.id), n, 1}), std::chrono::minutes(1)
        );
  });
  auto query = crm_of(tenant.genesis.account);
  query.of.parts[0].descendants = true;
  query.by_entity = true;
  std::int64_t seen = 0;
  for (int reads = 0; reads < 200 || seen < 100; ++reads) {
    std::int64_t count = 0;
    for (const auto& bucket : usage(query).buckets) {
      EXPECT_EQ(bucket.used, std::to_string(sum_of[static_cast<std::size_t>(bucket.count)]));
      count += bucket.count;
    }
    EXPECT_GE(count, seen);
    seen = count;
  }
  done = true;
  writer.join();
}

/// The range is found in each account by itself.
TEST_F(UsageTest, ARangeIsThatOfEachEntity) {
  const auto below = make_location("loc-1", "org-1");
  make_location("loc-2", "org-1"); // nothing happens there
  bulk({.account = to_string(org.account), .count = 1'000});
  bulk({.account = to_string(below), .count = 30, .begun = "2026-03-01 00:08:00+00"});
  auto query = crm_of(org.account);
  query.of.parts[0].descendants = query.by_entity = query.by_booked_at = true;
  query.from = march(1) + 500s;
  query.to = march(1) + 507s;
  EXPECT_THAT(lines(usage(query)), ElementsAre("||org-1||28-0/7", "||loc-1||28-0/7"));
  query.from = march(2);
  query.to = march(3);
  EXPECT_THAT(usage(query).buckets, IsEmpty());
}

TEST_F(UsageTest, TooManyBucketsAreNotGiven) {
  bulk({.account = to_string(org.account), .count = 11, .apart = "1 minute"});
  auto query = crm_of(org.account);
  query.window = usage_window::minute;
  query.most_buckets = 11;
  EXPECT_THAT(usage(query).buckets, SizeIs(11));
  query.most_buckets = 10;
  EXPECT_TRUE(usage(query).too_many);
  EXPECT_THAT(usage(query).buckets, IsEmpty());
}

TEST_F(UsageTest, AnotherTenantSeesNothing) {
  bulk({.account = to_string(org.account), .count = 3});
  const auto other = make_tenant(database());
  const auto query = crm_of(org.account);
  EXPECT_THAT(
      in_tenant(other, [&](auto& in) { return persistence::usage_of(in, query); }).buckets, IsEmpty()
  );
}

} // namespace
} // namespace tessera::test
