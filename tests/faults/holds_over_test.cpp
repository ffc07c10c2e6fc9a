// 10,000 holds that are over within the same second, while others spend from the same accounts.
#include "tests/api/api_world.hpp"
#include "tests/support/wait.hpp"

#include <atomic>
#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

namespace tessera::test {

namespace {

using std::chrono::steady_clock;

constexpr int entities = 4;
constexpr int holds_each = 2'500;
constexpr milliseconds longest_answer{2'000}; // what callers may count on (contract 11)

class HoldsOverTest : public testing::Test {
protected:
  HoldsOverTest() {
    for (int i = 0; i < entities; ++i)
      organizations.push_back(world.organization(5));
  }

  using seconds = std::chrono::seconds;

  static seconds until(steady_clock::time_point end) {
    return std::chrono::round<seconds>(end - steady_clock::now());
  }

  /// All of them end within half a second of `end`.
  void open_holds(steady_clock::time_point end) {
    std::atomic<int> next{0};
    std::vector<std::jthread> all;
    for (int t = 0; t < 16; ++t)
      all.emplace_back([&, client = world.client()]() mutable {
        for (int i = next++; i < entities * holds_each; i = next++) {
          const auto ttl = R"(,"ttlSeconds":)" + std::to_string(until(end).count());
          const auto held = client.post(
              "/api/credits/holds", world.spend(organizations[static_cast<std::size_t>(i % entities)], 1, ttl)
          );
          ASSERT_EQ(held.status(), 201) << held.response.body;
        }
      });
  }

  std::string ask(const std::string& sql) {
    return world.service().cluster().query(world.service().database(), sql);
  }
  /// Entries that say that a hold is over.
  std::string entries(const std::string& columns) {
    std::string names;
    for (const auto& each : organizations)
      names += (names.empty() ? "'" : ",'") + each + "'";
    return ask(
        "SELECT " + columns + " FROM credit_entries JOIN entities USING (account_id) WHERE entity_id IN (" +
        names + ") AND entry_type = 7"
    );
  }

  api_world& world = api_world::instance();
  std::vector<std::string> organizations;
};

TEST_F(HoldsOverTest, TenThousandInOneSecondKeepNobodyWaiting) {
  const auto end = steady_clock::now() + std::chrono::seconds{25};
  open_holds(end);
  ASSERT_GT(until(end).count(), 1) << "the holds took longer to make than they live";

  std::atomic<std::int64_t> spent{0};
  std::atomic<std::int64_t> failed{0};
  std::atomic<std::int64_t> slowest_us{0};
  {
    std::vector<std::jthread> spenders;
    for (int t = 0; t < 8; ++t)
      spenders.emplace_back([&, t, client = world.client()](std::stop_token stop) mutable {
        while (!stop.stop_requested()) {
          const auto start = steady_clock::now();
          const auto answer = client.post(
              "/api/credits/consume", world.spend(organizations[static_cast<std::size_t>(t % entities)], 1)
          );
          const auto took =
              std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - start);
          answer.status() == 200 || answer.status() == 402 ? ++spent : ++failed;
          for (auto seen = slowest_us.load(); took.count() > seen;)
            if (slowest_us.compare_exchange_weak(seen, took.count())) break;
        }
      });
    ASSERT_TRUE(wait_until(milliseconds{40'000}, [&] {
      return entries("count(*)") == std::to_string(entities * holds_each);
    })) << entries("count(*)");
  }

  EXPECT_EQ(failed, 0);
  EXPECT_LT(slowest_us, std::chrono::microseconds{longest_answer}.count());
  EXPECT_EQ(entries("sum(units)"), std::to_string(entities * holds_each));
  const auto rounds = std::stoi(entries("count(DISTINCT txid)"));
  EXPECT_LT(rounds, entities * holds_each / 4) << "they were not booked together";
  for (const auto& organization : organizations) {
    auto client = world.client();
    const auto body = client.get("/api/credits/balance/organization/" + organization).response.body;
    EXPECT_EQ(integer_at(body, "/reservedCredits"), 0) << body;
    EXPECT_EQ(integer_at(body, "/totalCredits"), 5'000) << body;
  }
  std::cout << entities * holds_each << " holds were over in " << rounds << " transactions; " << spent
            << " spends beside them, the slowest " << slowest_us / 1'000 << " ms\n";
}

} // namespace

} // namespace tessera::test
