// One account with very many entries, which the API itself has made: pages, exports and sums.
// TESSERA_TEST_ENTRIES says how many, see tools/campaign.
#include "tests/api/api_world.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

namespace tessera::test {

namespace {

constexpr std::int64_t per_batch = 2'500;
const std::string of_long = "entityType=organization&entityId=long";

std::int64_t entries_asked() {
  const char* asked = std::getenv("TESSERA_TEST_ENTRIES");
  return asked ? std::atoll(asked) : 50'000;
}

/// A service of its own: the organisation `long` with all the entries, and `busy` beside it.
class long_ledger {
public:
  static long_ledger& instance() {
    static long_ledger ledger;
    return ledger;
  }

  tessera_service& service() { return service_; }
  std::int64_t spends() const { return spends_; }
  http_client client() const {
    auto made = service_.client(key_);
    made.set_header("X-Application", "crm");
    made.set_timeout(milliseconds{300'000});
    return made;
  }
  std::string sql(const std::string& query) { return service_.cluster().query(service_.database(), query); }

private:
  long_ledger() {
    service_.create_tenant("t");
    service_.create_package("t", "ten-million", 10'000'000, 1);
    key_ = service_.create_api_key(
        "t", {"credits:read", "credits:consume", "credits:purchase", "directory:write"}
    );
    service_.create_application(key_, "crm");
    auto buyer = client();
    for (const auto* id : {"long", "busy"}) {
      service_.create_organization(key_, id);
      const auto bought = buyer.post(
          "/api/credits/purchase",
          R"({"entityType":"organization","packageId":"ten-million","paymentMethod":"test","entityId":")" +
              std::string(id) + "\"}"
      );
      EXPECT_EQ(201, bought.status()) << bought.response.body;
    }
    fill();
    sql("ANALYZE credit_entries");
  }

  void fill() {
    std::string items;
    for (std::int64_t n = 0; n < per_batch; ++n)
      items += (n == 0 ? "" : ",") +
               api_world::spend("long", 1 + n % 7, R"(,"meter":"meter-)" + std::to_string(n % 3) + "\"");
    auto line = client();
    for (; spends_ < entries_asked(); spends_ += per_batch) {
      const header_list key{{"Idempotency-Key", "batch-" + std::to_string(spends_)}};
      for (int tries = 0;; ++tries) { // a busy machine may not manage it in time: the same again
        const auto answer = line.post("/api/credits/consume", R"({"items":[)" + items + "]}", key);
        if (integer_at(answer.response.body, "/accepted") == per_batch) break;
        if (tries == 20)
          throw std::runtime_error("no batch is accepted: " + answer.response.body.substr(0, 500));
      }
    }
  }

  tessera_service service_;
  std::string key_;
  std::int64_t spends_ = 0;
};

class LongLedgerTest : public testing::Test {
protected:
  /// Microseconds, the best and the worst of several.
  template <class What> static std::pair<long long, long long> times_of(What what) {
    long long best = 1'000'000'000, worst = 0;
    for (int i = 0; i < 7; ++i) {
      const auto begun = std::chrono::steady_clock::now();
      what();
      const auto took =
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun)
              .count();
      best = std::min<long long>(best, took);
      worst = std::max<long long>(worst, took);
    }
    return {best, worst};
  }

  std::string proc(const std::string& file) {
    return "/proc/" + std::to_string(ledger.service().process().pid()) + "/" + file;
  }
  /// VmRSS, and VmHWM: the most since it was forgotten.
  long memory_kib(const std::string& name) {
    const auto status = read_file(proc("status"));
    return std::atol(status.c_str() + status.find(name + ":") + name.size() + 1);
  }
  void forget_peak() { std::ofstream(proc("clear_refs")) << "5"; }

  std::int64_t used_as_told() {
    return integer_at(client.get("/api/credits/balance/organization/long").response.body, "/usedCredits")
        .value_or(-1);
  }
  std::int64_t used_in_ledger() {
    return std::stoll(ledger.sql(
        "SELECT used_after FROM credit_entries JOIN entities USING (account_id) WHERE entity_id = 'long'"
        " ORDER BY seq DESC LIMIT 1"
    ));
  }
  /// The sum of all buckets.
  std::int64_t usage(const std::string& query) {
    const auto report = client.get("/api/credits/usage?" + query);
    EXPECT_EQ(200, report.status()) << report.response.body;
    std::int64_t sum = 0;
    for (const auto& bucket : items_at(report.response.body, "/usage"))
      sum += integer_at(bucket, "/used").value_or(0);
    return sum;
  }

  long_ledger& ledger = long_ledger::instance();
  http_client client = ledger.client();
};

} // namespace

TEST_F(LongLedgerTest, APageTakesAsLongAtTheEndAsAtTheBeginning) {
  const auto route = "/api/credits/transactions?limit=50&" + of_long;
  const auto early = text_at(
      client.get("/api/credits/transactions?limit=200&order=asc&" + of_long).response.body,
      "/transactions/199/bookedAt"
  );
  const auto read = [&](const std::string& target) {
    return times_of([&] {
      const auto page = client.get(target);
      EXPECT_EQ(50u, size_at(page.response.body, "/transactions")) << page.response.body;
    });
  };
  const auto newest = read(route);
  const auto deepest = read(route + "&to=" + early);
  const auto oldest_first = read(route + "&order=asc");
  std::cout << ledger.spends() << " entries, a page of 50 in us: newest " << newest.first << ", deepest "
            << deepest.first << ", oldest first " << oldest_first.first << '\n';
  EXPECT_LT(deepest.first, newest.first * 5 + 5'000);
  EXPECT_LT(oldest_first.first, newest.first * 5 + 5'000);
}

TEST_F(LongLedgerTest, ExportsTakeLittleMemory) {
  for (const auto* type : {"text/csv", "application/x-ndjson"}) {
    // Four pages: what any export needs.
    client.get("/api/credits/transactions?type=purchase&" + of_long, {{"Accept", type}});
    const auto before = memory_kib("VmRSS");
    forget_peak();
    const auto begun = std::chrono::steady_clock::now();
    const auto exported = client.get("/api/credits/transactions?" + of_long, {{"Accept", type}});
    const auto took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
    const auto peak = memory_kib("VmHWM");
    ASSERT_GT(before, 1'000) << "what /proc says was not understood";
    const auto& body = exported.response.body;
    const bool has_head = std::string_view(type) == "text/csv";
    const auto entries = std::stoll(ledger.sql(
        "SELECT max(seq) FROM credit_entries JOIN entities USING (account_id) WHERE entity_id = 'long'"
    ));
    EXPECT_EQ(entries + (has_head ? 1 : 0), std::count(body.begin(), body.end(), '\n'));
    std::cout << type << ": " << body.size() / 1024 << " KiB in " << took.count() << " ms; the service had "
              << before << " KiB, at most " << peak << " KiB\n";
    EXPECT_LT(peak - before, 16 * 1024) << type;
  }
}

TEST_F(LongLedgerTest, UsageEqualsTheLedgerWhileOthersWrite) {
  std::atomic<bool> done{false};
  std::vector<std::jthread> spenders;
  for (const auto* who : {"long", "busy"})
    spenders.emplace_back([&, who] {
      auto line = ledger.client();
      for (int i = 0; !done; ++i)
        line.post("/api/credits/consume", api_world::spend(who, 1 + i % 5));
    });
  const auto times = times_of([&] {
    const auto before = used_as_told();
    const auto used = usage("groupBy=meter&" + of_long);
    const auto after = used_in_ledger();
    EXPECT_LE(before, used) << "behind an acknowledged spend";
    EXPECT_LE(used, after) << "more than the ledger has";
  });
  const auto whole = times_of([&] { EXPECT_GT(usage("groupBy=entity,meter&window=day"), 0); });
  done = true;
  spenders.clear();
  std::cout << ledger.spends() << " entries, usage in ms: of the account " << times.first / 1'000 << " to "
            << times.second / 1'000 << ", of the whole tenant by day, entity and meter "
            << whole.first / 1'000 << " to " << whole.second / 1'000 << '\n';

  EXPECT_EQ(used_as_told(), usage(of_long));
  EXPECT_EQ(
      ledger.sql("SELECT sum(units) FROM credit_entries WHERE entry_type = 4"),
      std::to_string(usage("groupBy=entity"))
  );
}

TEST_F(LongLedgerTest, Verifies) {
  const auto begun = std::chrono::steady_clock::now();
  const auto done = ledger.service().command({"verify"});
  EXPECT_TRUE(done.ok()) << done.output;
  std::cout << "verified in "
            << std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun).count()
            << " ms\n";
}

} // namespace tessera::test
