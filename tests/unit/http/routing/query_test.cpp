#include "http/routing/query.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

using testing::ElementsAre;
using testing::Optional;
using testing::Pair;

TEST(PercentDecodeTest, IsStrict) {
  EXPECT_THAT(percent_decode("a%20b+c", true), Optional(std::string{"a b c"}));
  EXPECT_THAT(percent_decode("a+b", false), Optional(std::string{"a+b"}));
  EXPECT_THAT(percent_decode("%C3%a9", true), Optional(std::string{"\xc3\xa9"}));
  for (const auto* bad : {"%", "%4", "%zz", "a%", "%00", "%ff", "%c3", "%ed%a0%80", "%-1", "% 1"})
    EXPECT_EQ(percent_decode(bad, true), std::nullopt) << bad;
}

TEST(ParseQueryTest, KeepsTheOrder) {
  EXPECT_THAT(
      parse_query("b=1&a=x%3Dy&&c&d=").value(),
      ElementsAre(Pair("b", "1"), Pair("a", "x=y"), Pair("c", ""), Pair("d", ""))
  );
  EXPECT_EQ(parse_query("a=%"), std::nullopt);
}

TEST(QueryReaderTest, HandsOutWhatIsAskedFor) {
  query_reader query{"limit=20&cursor=abc&descendants=true&from=1970-01-01T00:00:01Z&order=desc"};

  EXPECT_THAT(query.integer("limit", 1, 100), Optional(20));
  EXPECT_THAT(query.text("cursor"), Optional(std::string_view{"abc"}));
  EXPECT_THAT(query.boolean("descendants"), Optional(true));
  EXPECT_THAT(query.time("from"), Optional(from_microseconds(1'000'000)));
  EXPECT_THAT(query.choice("order", {"asc", "desc"}), Optional(1u));
  EXPECT_EQ(query.text("missing"), std::nullopt);
  EXPECT_FALSE(query.refusal());
}

struct bad_query {
  std::string query;
  unsigned status;
  std::string code;
};

TEST(QueryReaderTest, RefusesEverythingElse) {
  const bad_query bad[] = {
      {"limit=0", 422, "invalid_parameter"},
      {"limit=101", 422, "invalid_parameter"},
      {"limit=-1", 422, "invalid_parameter"},
      {"limit=1e1", 422, "invalid_parameter"},
      {"limit=+1", 422, "invalid_parameter"},
      {"limit=%201", 422, "invalid_parameter"},
      {"limit=", 422, "invalid_parameter"},
      {"limit", 422, "invalid_parameter"},
      {"limit=1000000000000000000000", 422, "invalid_parameter"},
      {"limit=1&limit=1", 422, "duplicate_parameter"},
      {"limit=1&limit=2", 422, "duplicate_parameter"},
      {"Limit=1", 422, "unknown_parameter"},
      {"limit=1&x=2", 422, "unknown_parameter"},
      {"x=1&x=2", 422, "unknown_parameter"},
      {"limit=0&x=2", 422, "validation_failed"},
      {"at=yesterday", 422, "invalid_parameter"},
      {"limit=%zz", 400, "malformed_query"},
      {"limit=1&x=%00", 400, "malformed_query"},
  };
  for (const auto& tried : bad) {
    query_reader query{tried.query};
    query.integer("limit", 1, 100);
    query.time("at");
    const auto refusal = query.refusal();
    ASSERT_TRUE(refusal) << tried.query;
    EXPECT_EQ(refusal->status, tried.status) << tried.query;
    EXPECT_EQ(refusal->code, tried.code) << tried.query;
  }
}

TEST(QueryReaderTest, TellsABoundedNumberOfErrors) {
  std::string text = "a0";
  for (int at = 1; at < 1'000; ++at)
    text += "&a" + std::to_string(at);
  query_reader query{text};

  const auto refusal = query.refusal();

  EXPECT_EQ(refusal->errors.size(), 50u);
  EXPECT_EQ(refusal->detail, "1000 errors in the query string.");
}

TEST(QueryReaderTest, ARouteWithoutAQueryTellsTheWorstFirst) {
  const auto told = [](unsigned status_of_body, std::string_view query) {
    const auto of_body =
        status_of_body == 0 ? std::nullopt : std::optional(problem{.status = status_of_body});
    const auto refusal = or_of_query(of_body, query);
    return refusal ? std::to_string(refusal->status) + std::string{refusal->code} : "";
  };
  EXPECT_EQ(told(0, ""), "");
  EXPECT_EQ(told(0, "x=1"), "422unknown_parameter");
  EXPECT_EQ(told(0, "x=%"), "400malformed_query");
  EXPECT_EQ(told(422, "x=1"), "422");
  EXPECT_EQ(told(422, "x=%"), "400malformed_query");
  EXPECT_EQ(told(400, "x=%"), "400");
}

TEST(QueryReaderTest, PointsAtTheParameter) {
  query_reader query{"x=1"};
  EXPECT_EQ(query.refusal()->errors.at(0).pointer, "?x");
}

} // namespace
} // namespace tessera::http
