#include "actors/account/key_window.hpp"
#include "tests/support/ledger_author.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

recorded_spend spend_of(std::uint32_t key) {
  return {a_key(key), test_account, key, credits{1}, credits{0}};
}

/// The n-th key of one shard.
std::uint32_t in_one_shard(std::uint32_t n) {
  return n * 16;
}

TEST(KeyWindowTest, RemembersTheFirstAnswer) {
  key_window window(1 << 16);
  window.remember(spend_of(1));
  ASSERT_TRUE(window.find(a_key(1).key));
  EXPECT_EQ(window.find(a_key(1).key)->seq, 1u);
  EXPECT_FALSE(window.find(a_key(2).key));
}

TEST(KeyWindowTest, FindsEveryKeyAndNoOtherHoweverFullItIs) {
  key_window window(1 << 22);
  for (std::uint32_t n = 1; n <= 300; ++n) {
    window.remember(spend_of(in_one_shard(n)));
    EXPECT_FALSE(window.find(a_key(in_one_shard(n + 1)).key)) << n;
  }
  for (std::uint32_t n = 1; n <= 300; ++n)
    EXPECT_EQ(window.find(a_key(in_one_shard(n)).key)->seq, in_one_shard(n));
  EXPECT_EQ(window.size(), 300u);
}

TEST(KeyWindowTest, ForgetsTheOlderGenerationAsAWhole) {
  key_window window(1); // one key of each shard in a generation
  for (std::uint32_t n = 1; n <= 3; ++n)
    window.remember(spend_of(in_one_shard(n)));
  EXPECT_FALSE(window.find(a_key(in_one_shard(1)).key));
  EXPECT_TRUE(window.find(a_key(in_one_shard(3)).key));
  EXPECT_TRUE(window.find(a_key(in_one_shard(2)).key));
}

TEST(KeyWindowTest, KeepsWhatIsAskedFor) {
  key_window window(1);
  window.remember(spend_of(in_one_shard(1)));
  for (std::uint32_t n = 2; n <= 10; ++n) {
    window.remember(spend_of(in_one_shard(n)));
    EXPECT_TRUE(window.find(a_key(in_one_shard(1)).key)) << n;
  }
}

TEST(KeyWindowTest, StaysWithinItsBytes) {
  constexpr std::size_t bytes = 1 << 16;
  key_window window(bytes);
  for (std::uint32_t n = 1; n <= 10'000; ++n)
    window.remember(spend_of(n));
  EXPECT_LE(window.size() * sizeof(recorded_spend), bytes);
  EXPECT_GT(window.size(), 100u);
}

} // namespace
} // namespace tessera::test
