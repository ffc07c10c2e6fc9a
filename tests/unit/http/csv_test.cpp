#include "http/routing/csv.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::vector<std::string>> cells(std::string_view text) {
  const auto file = read_csv(text, 100);
  EXPECT_EQ(file.flaw, "");
  std::vector<std::vector<std::string>> all;
  for (const auto& each : file.records)
    all.push_back(each.cells);
  return all;
}
std::string flaw(std::string_view text) {
  return read_csv(text, 100).flaw;
}

TEST(CsvTest, W46ReadsCellsQuotesAndBothEndsOfLines) {
  EXPECT_THAT(cells("a,b\r\nc,\n"), ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "")));
  EXPECT_THAT(cells("\"a,1\",\"say \"\"b\"\"\""), ElementsAre(ElementsAre("a,1", "say \"b\"")));
  EXPECT_THAT(cells("\"two\r\nlines\",x"), ElementsAre(ElementsAre("two\r\nlines", "x")));
  EXPECT_THAT(cells("a\n\n\r\nb"), ElementsAre(ElementsAre("a"), ElementsAre("b")));
  EXPECT_THAT(cells(",\n"), ElementsAre(ElementsAre("", "")));
  EXPECT_THAT(cells(""), ElementsAre());
}

TEST(CsvTest, W46LeavesTheByteOrderMarkOut) {
  EXPECT_THAT(
      cells("\xef\xbb\xbf"
            "email\nx"),
      ElementsAre(ElementsAre("email"), ElementsAre("x"))
  );
  EXPECT_THAT(cells("\xef\xbb\xbf\"email\"\n"), ElementsAre(ElementsAre("email")));
}

TEST(CsvTest, W46SaysInWhichLineItIsBroken) {
  EXPECT_THAT(flaw("a\n\"b\n\nc"), HasSubstr("Line 2 has a quote that is not closed"));
  EXPECT_THAT(flaw("a\nb\"c"), HasSubstr("Line 2 has a quote inside"));
  EXPECT_THAT(flaw("\"a\"b,c"), HasSubstr("Line 1 has something after a closing quote"));
  EXPECT_THAT(flaw("a\rb"), HasSubstr("Line 1 has a carriage return"));
}

TEST(CsvTest, KnowsInWhichLineARecordBegins) {
  const auto file = read_csv("a\n\"b\nb\"\nc", 100);
  ASSERT_EQ(file.records.size(), 3u);
  EXPECT_EQ(file.records[1].line, 2u);
  EXPECT_EQ(file.records[2].line, 4u);
}

TEST(CsvTest, ReadsOneMoreThanThereMayBe) {
  EXPECT_EQ(read_csv("a\nb\nc\nd", 2).records.size(), 3u);
}

TEST(CsvTest, W46KnowsFormulas) {
  for (const auto* cell : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1"})
    EXPECT_TRUE(is_formula(cell)) << cell;
  for (const auto* cell : {"", "Ann", "a=1", "'=1"})
    EXPECT_FALSE(is_formula(cell)) << cell;
}

} // namespace
} // namespace tessera::http
