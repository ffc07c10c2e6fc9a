#include "messages/types/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <ctime>

namespace tessera::test {
namespace {

using namespace std::chrono_literals;

constexpr auto epoch = time_point{};

TEST(TimeTest, SaysMicrosecondsWhereThereAreAny) {
  EXPECT_EQ(to_rfc3339(epoch), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(epoch + 1us), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(to_rfc3339(epoch + 86'399s + 999'999us), "1970-01-01T23:59:59.999999Z");
  EXPECT_EQ(to_rfc3339(epoch - 1us), "1969-12-31T23:59:59.999999Z");
}

TEST(TimeTest, WritesYearsOfFiveDigits) {
  EXPECT_EQ(to_rfc3339(epoch + std::chrono::hours(24) * 2'932'897), "10000-01-01T00:00:00Z");
}

RC_GTEST_PROP(TimeTest, SaysWhatTheCLibrarySays, ()) {
  const auto seconds = *rc::gen::inRange<std::int64_t>(-30'000'000'000, 200'000'000'000);
  const auto fits = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&fits, &parts);
  char expected[32];
  std::strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &parts);
  RC_ASSERT(to_rfc3339(epoch + std::chrono::seconds(seconds)) == expected);
}

} // namespace
} // namespace tessera::test
