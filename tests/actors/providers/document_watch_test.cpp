#include "actors/providers/document_watch.hpp"
#include "tests/support/wait.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace tessera {

namespace {

using test::wait_until;

constexpr test::milliseconds patience{10'000};

/// What stands at the addresses, and who took what.
struct world {
  std::mutex mutex;
  std::string text = "first"; // empty: it can't be fetched
  std::vector<std::string> fetched;
  std::vector<std::string> taken;

  void set(const std::string& to) {
    const std::lock_guard lock(mutex);
    text = to;
  }
  std::size_t fetches(const std::string& url) {
    const std::lock_guard lock(mutex);
    return static_cast<std::size_t>(std::count(fetched.begin(), fetched.end(), url));
  }
  std::vector<std::string> all_taken() {
    const std::lock_guard lock(mutex);
    return taken;
  }
  watched_document document(const std::string& name) {
    return {name, "url-of-" + name, [this](const std::string& got) {
              if (got == "garbage") throw std::runtime_error("of no use");
              const std::lock_guard lock(mutex);
              taken.push_back(got);
            }};
  }
  document_watch::fetcher fetcher() {
    return [this](const std::string& url, const std::function<bool()>&) {
      const std::lock_guard lock(mutex);
      fetched.push_back(url);
      if (text.empty()) throw std::runtime_error("away");
      return text;
    };
  }
};

} // namespace

TEST(DocumentWatchTest, FetchesAtOnceAndAgainWhenSomebodyMissesSomething) {
  world there;
  document_watch watch({there.document("a")}, there.fetcher());
  ASSERT_TRUE(wait_until(patience, [&] { return there.all_taken() == std::vector<std::string>{"first"}; }));
  there.set("second");
  watch.wish("a");
  EXPECT_TRUE(wait_until(patience, [&] {
    return there.all_taken() == std::vector<std::string>{"first", "second"};
  }));
  EXPECT_EQ(2u, watch.statistics().fetches);
  EXPECT_EQ(0u, watch.statistics().failures);
}

TEST(DocumentWatchTest, AStormOfWishesIsOneFetch) {
  world there;
  document_watch watch({there.document("a"), there.document("b")}, there.fetcher());
  ASSERT_TRUE(wait_until(patience, [&] { return there.all_taken().size() == 2; }));
  watch.wish("a");
  ASSERT_TRUE(wait_until(patience, [&] { return there.all_taken().size() == 3; }));
  for (int i = 0; i < 100; ++i)
    watch.wish("a");
  watch.wish("b"); // comes after whatever the storm would have brought
  ASSERT_TRUE(wait_until(patience, [&] { return there.fetches("url-of-b") == 2; }));
  EXPECT_EQ(2u, there.fetches("url-of-a"));
}

TEST(DocumentWatchTest, NobodyTakesWhatCanNotBeHadOrIsOfNoUse) {
  for (const auto* text : {"", "garbage"}) {
    world there;
    there.set(text);
    document_watch watch({there.document("a")}, there.fetcher());
    ASSERT_TRUE(wait_until(patience, [&] { return watch.statistics().failures == 1; })) << text;
    EXPECT_EQ(0u, there.all_taken().size()) << text;
    there.set("good");
    watch.wish("a");
    EXPECT_TRUE(wait_until(patience, [&] { return there.all_taken() == std::vector<std::string>{"good"}; }))
        << text;
  }
}

TEST(DocumentWatchTest, AWishForWhatIsNotWatchedIsNone) {
  world there;
  document_watch watch({}, there.fetcher());
  watch.wish("a");
  EXPECT_EQ(0u, watch.statistics().fetches);
}

TEST(DocumentWatchTest, AnEndDoesNotWaitForAFetch) {
  std::atomic<bool> begun{false};
  {
    document_watch watch(
        {{"a", "url", [](const std::string&) {}}},
        [&](const std::string&, const std::function<bool()>& must_stop) -> std::string {
          begun = true;
          if (!wait_until(patience, must_stop)) ADD_FAILURE() << "nobody told it to stop";
          throw std::runtime_error("stopped");
        }
    );
    ASSERT_TRUE(wait_until(patience, [&] { return begun.load(); }));
  }
}

} // namespace tessera
