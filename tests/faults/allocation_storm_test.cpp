// Allocations and spends everywhere at once, while somebody adds up: in SQL, and as the API tells it. Credits
// that go up the tree are in tests/actors/account/allocation_storm_test.cpp: the API has no way up yet.
#include "tests/faults/allocation_fixture.hpp"

#include <iostream>
#include <map>
#include <mutex>
#include <random>

namespace tessera::test {

namespace {

class AllocationStormTest : public AllocationFaultTest {
protected:
  /// Counts by status, of calls that may be refused for want of credits and for nothing else.
  class outcomes {
  public:
    void take(const http_exchange& answer) {
      const std::scoped_lock guard(mutex_);
      ++counts_[answer.status()];
      if (answer.status() != 200 && answer.status() != 202 && answer.status() != 402)
        ADD_FAILURE() << answer.status() << " " << answer.response.body;
    }
    int of(int status) { return counts_[status]; }

  private:
    std::mutex mutex_;
    std::map<int, int> counts_;
  };

  /// Own, below and on the way, spent included, as `top` tells it; nothing when it has no rollup just now.
  static std::optional<std::int64_t> everything_below(const std::string& body) {
    std::int64_t sum = 0;
    for (const auto* field :
         {"/own",
          "/descendants",
          "/inTransit",
          "/breakdown/own/usedCredits",
          "/breakdown/descendants/usedCredits"}) {
      const auto part = integer_at(body, std::string("/rollup") + field);
      if (!part) return std::nullopt;
      sum += *part;
    }
    return sum;
  }

  /// Runs `work(worker, random)` on so many threads, and adds up until all are done.
  template <class Work> void storm(std::size_t threads, std::int64_t bought, Work work) {
    std::atomic<bool> over{false};
    int sums = 0;
    std::jthread adding_up([&] {
      auto line = client();
      while (!over) {
        EXPECT_EQ("0", missing());
        const auto told = everything_below(line.get("/api/credits/balance/organization/top").response.body);
        if (!told) continue;
        EXPECT_EQ(bought, *told);
        ++sums;
      }
    });
    in_parallel(threads, [&](std::size_t worker) {
      std::mt19937_64 random(worker);
      work(random);
    });
    over = true;
    adding_up.join();
    std::cout << sums << " sums while it lasted; " << asked_again_ << " calls were asked again\n";
    EXPECT_GT(sums, 5) << "nobody added up";
  }

  static int below(std::mt19937_64& random, int bound) {
    return static_cast<int>(random() % static_cast<unsigned>(bound));
  }
  /// Until its outcome is known: a busy machine may not tell it in time, and the same key does later.
  http_exchange ask(http_client& line, const std::string& route, const std::string& body) {
    const auto key = "storm-" + std::to_string(++keys_);
    for (int tries = 0;; ++tries) {
      auto answer = line.post(route, body, {{"Idempotency-Key", key}});
      if (answer.status() != 503 || tries == 20) return answer;
      ++asked_again_;
    }
  }
  http_exchange give(http_client& line, const std::string& body) {
    return ask(line, "/api/credits/allocate", body);
  }
  http_exchange spend(http_client& line, const std::string& entity, int credits) {
    return ask(
        line,
        "/api/credits/consume",
        R"({"entityType":"organization","entityId":")" + entity + R"(","credits":)" +
            std::to_string(credits) + "}"
    );
  }

private:
  std::atomic<int> keys_{0};
  std::atomic<int> asked_again_{0};
};

} // namespace

TEST_F(AllocationStormTest, AChainOfSixtyFourGivesAtEveryLevelAtOnce) {
  constexpr int depth = 64;
  const auto level = [](int n) { return n == 0 ? std::string("top") : "level-" + std::to_string(n); };
  make("top", {}, 10);
  for (int n = 1; n < depth; ++n)
    make(level(n), level(n - 1));
  std::vector<std::pair<std::string, int>> all;
  for (int n = 1; n < depth; ++n)
    all.emplace_back(level(n), 100);
  auto first = client();
  ASSERT_EQ(200, give(first, move("top", all)).status());

  outcomes moved, spent;
  storm(12, 10'000, [&](std::mt19937_64& random) {
    auto line = client();
    for (int i = 0; i < 50; ++i) {
      const auto from = below(random, depth - 1);
      // Mostly to the next level, sometimes past several.
      const auto to = below(random, 3) > 0 ? from + 1 : from + 1 + below(random, depth - 1 - from);
      moved.take(give(line, move(level(from), {{level(to), 1 + below(random, 60)}})));
      spent.take(spend(line, level(below(random, depth)), 1 + below(random, 4)));
    }
  });
  EXPECT_GT(moved.of(200), 200);
  expect_sound_ledger();
  expect_verified();
}

TEST_F(AllocationStormTest, OneGivesToAHundredThatSpend) {
  constexpr int children = 100; // the most legs that the API takes
  make("top", {}, 8);
  const auto child = [](int n) { return "child-" + std::to_string(n); };
  for (int n = 0; n < children; ++n)
    make(child(n), "top");

  outcomes moved, spent;
  storm(8, 8'000, [&](std::mt19937_64& random) {
    auto line = client();
    for (int i = 0; i < 15; ++i) {
      std::vector<std::pair<std::string, int>> legs;
      for (int n = 0; n < children; ++n)
        legs.emplace_back(child(n), 1);
      moved.take(give(line, move("top", legs)));
      for (int each = 0; each < 20; ++each)
        spent.take(spend(line, child(below(random, children)), 1));
    }
  });
  EXPECT_EQ(80, moved.of(200) + moved.of(202)) << "8,000 are 80 times 100";
  EXPECT_EQ(40, moved.of(402));
  EXPECT_GT(spent.of(200), 500);
  expect_sound_ledger();
  expect_verified();
}

} // namespace tessera::test
