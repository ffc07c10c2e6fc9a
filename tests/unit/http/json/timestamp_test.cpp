#include "http/json/timestamp.hpp"

#include <gmock/gmock.h>

namespace tessera::http::json {
namespace {

using testing::Optional;

std::string written(std::int64_t us) {
  std::string text;
  append_timestamp(text, us);
  return text;
}

TEST(TimestampTest, ReadsUtc) {
  EXPECT_THAT(parse_timestamp("1970-01-01T00:00:00Z"), Optional(0));
  EXPECT_THAT(parse_timestamp("2026-02-28T09:30:00.5Z"), Optional(1'772'271'000'500'000));
  EXPECT_THAT(parse_timestamp("1969-12-31T23:59:59.999999Z"), Optional(-1));
  EXPECT_THAT(parse_timestamp("2024-02-29T00:00:00.123456789Z"), Optional(1'709'164'800'123'456));
  EXPECT_TRUE(parse_timestamp("0001-01-01T00:00:00Z"));
  EXPECT_TRUE(parse_timestamp("9999-12-31T23:59:59Z"));
}

TEST(TimestampTest, RefusesEverythingElse) {
  for (const auto* bad :
       {"",
        "2026",
        "2026-02-28",
        "2026-02-28T09:30Z",
        "2026-02-28T09:30:00",
        "2026-02-28t09:30:00Z",
        "2026-02-28T09:30:00z",
        "2026-02-28 09:30:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00,5Z",
        "2026-01-01T00:00:00+00:00",
        "0000-01-01T00:00:00Z",
        "+2026-01-01T00:00:00Z",
        "2026-1-1T00:00:00Z",
        "2026-01-01T00:00:00ZZ",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T-1:00:00Z"})
    EXPECT_EQ(parse_timestamp(bad), std::nullopt) << bad;
}

TEST(TimestampTest, ReadsOffsetsWhereTheyAreAllowed) {
  EXPECT_THAT(parse_timestamp_with_offset("1970-01-01T02:00:00+02:00"), Optional(0));
  EXPECT_THAT(parse_timestamp_with_offset("1969-12-31T23:30:00-00:30"), Optional(0));
  EXPECT_EQ(parse_timestamp_with_offset("1970-01-01T02:00:00+0200"), std::nullopt);
}

TEST(TimestampTest, AnOffsetLeadsToNoYearThatCannotBeWritten) {
  EXPECT_NE(parse_timestamp_with_offset("9999-12-31T23:59:59.999999+00:00"), std::nullopt);
  EXPECT_EQ(parse_timestamp_with_offset("9999-12-31T23:59:59-00:01"), std::nullopt);
  EXPECT_NE(parse_timestamp_with_offset("0001-01-01T00:00:00-00:00"), std::nullopt);
  EXPECT_EQ(parse_timestamp_with_offset("0001-01-01T00:00:00+00:01"), std::nullopt);
}

TEST(TimestampTest, ReadsDates) {
  EXPECT_THAT(parse_date("1970-01-02"), Optional(1));
  EXPECT_EQ(parse_date("1970-02-30"), std::nullopt);
  EXPECT_EQ(parse_date("1970-01-02T00:00:00Z"), std::nullopt);
}

TEST(TimestampTest, WritesWhatItReads) {
  for (const auto* text :
       {"1970-01-01T00:00:00.000Z",
        "1969-12-31T23:59:59.999999Z",
        "2026-02-28T09:30:00.500Z",
        "2024-02-29T23:59:59.000001Z",
        "9999-12-31T23:59:59.999Z",
        "0001-01-01T00:00:00.000Z"})
    EXPECT_EQ(written(parse_timestamp(text).value()), text);
}

} // namespace
} // namespace tessera::http::json
