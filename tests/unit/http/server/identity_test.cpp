#include "http/server/identity.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tessera::http {
namespace {

TEST(RequestIdTest, TakesWhatIsSafeInALogLine) {
  EXPECT_TRUE(is_request_id("a"));
  EXPECT_TRUE(is_request_id("Az09._-"));
  EXPECT_TRUE(is_request_id(std::string(128, 'x')));
  EXPECT_FALSE(is_request_id(""));
  EXPECT_FALSE(is_request_id(std::string(129, 'x')));
  EXPECT_FALSE(is_request_id("a b"));
  EXPECT_FALSE(is_request_id("a\"b"));
}

TEST(RequestIdTest, MakesUniqueUuidsOfVersion7InTheOrderOfTime) {
  std::set<std::string> all;
  std::string id;
  for (int turn = 0; turn < 10'000; ++turn) {
    make_request_id(id);
    ASSERT_EQ(id.size(), 36u);
    ASSERT_EQ(id[14], '7');
    ASSERT_NE(std::string_view{"89ab"}.find(id[19]), std::string_view::npos) << id;
    all.insert(id);
  }
  EXPECT_EQ(all.size(), 10'000u);
}

TEST(TraceparentTest, IsKeptWhenItIsWellFormed) {
  const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  EXPECT_TRUE(is_traceparent(good));
  EXPECT_TRUE(is_traceparent("cc" + good.substr(2) + "-more"));
  EXPECT_FALSE(is_traceparent(good + "-more"));
  EXPECT_FALSE(is_traceparent("ff" + good.substr(2)));
  EXPECT_FALSE(is_traceparent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
  EXPECT_FALSE(is_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
  EXPECT_FALSE(is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
  EXPECT_FALSE(is_traceparent(good.substr(1)));
  EXPECT_FALSE(is_traceparent(""));
}

} // namespace
} // namespace tessera::http
