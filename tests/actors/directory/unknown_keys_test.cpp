#include "actors/directory/unknown_keys.hpp"

#include <gtest/gtest.h>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

digest key(std::size_t number) {
  digest hash{};
  hash[0] = static_cast<std::uint8_t>(number);
  hash[1] = static_cast<std::uint8_t>(number >> 8);
  return hash;
}

TEST(UnknownKeysTest, AreRememberedForASecond) {
  const unknown_keys::clock::time_point noon{};
  unknown_keys unknown;
  unknown.add(key(1), noon);
  EXPECT_TRUE(unknown.has(key(1), noon + 999ms));
  EXPECT_FALSE(unknown.has(key(2), noon));
  EXPECT_FALSE(unknown.has(key(1), noon + 1s));
  unknown.add(key(1), noon + 1s);
  EXPECT_TRUE(unknown.has(key(1), noon + 1'999ms));
}

TEST(UnknownKeysTest, TakeABoundedPartOfMemory) {
  const unknown_keys::clock::time_point noon{};
  unknown_keys unknown;
  for (std::size_t i = 0; i < 2 * unknown_keys::most; ++i)
    unknown.add(key(i), noon);
  EXPECT_EQ(unknown.size(), unknown_keys::most);
  EXPECT_FALSE(unknown.has(key(unknown_keys::most), noon));
  unknown.add(key(unknown_keys::most), noon + 1s);
  EXPECT_EQ(unknown.size(), 1u);
}

} // namespace
} // namespace tessera::test
