#include "http/routing/versions.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::optional<std::vector<std::int64_t>> versions_in(std::string_view header) {
  request with;
  with.headers.emplace_back("If-Match", header);
  std::optional<std::vector<std::int64_t>> versions;
  EXPECT_FALSE(read_if_match(with, versions)) << header;
  return versions;
}

TEST(IfMatchTest, NamesVersions) {
  EXPECT_THAT(*versions_in(etag_of(7)), ElementsAre(7));
  EXPECT_THAT(*versions_in(R"("v1", "v2")"), ElementsAre(1, 2));
}

TEST(IfMatchTest, IsNoConditionWhenAbsentOrAStar) {
  std::optional<std::vector<std::int64_t>> versions;
  EXPECT_FALSE(read_if_match(request{}, versions));
  EXPECT_EQ(versions, std::nullopt);
  EXPECT_EQ(versions_in("*"), std::nullopt);
}

TEST(IfMatchTest, ForeignAndWeakTagsNameNone) {
  for (const auto* foreign :
       {R"("abc")", R"(W/"v7")", R"("v07")", R"("v")", R"("7")", R"("v99999999999999999999")"}) {
    EXPECT_THAT(*versions_in(foreign), IsEmpty()) << foreign;
  }
}

TEST(IfMatchTest, IsAListOfTags) {
  for (const auto* bad : {"", " ", "v7", "\"v7", "v7\"", "\"v7\" \"v8\"", "\"", "7"}) {
    request with;
    with.headers.emplace_back("If-Match", bad);
    std::optional<std::vector<std::int64_t>> versions;
    const auto wrong = read_if_match(with, versions);
    ASSERT_TRUE(wrong) << bad;
    EXPECT_EQ(wrong->status, 400u);
    EXPECT_EQ(wrong->code, "invalid_if_match");
  }
}

} // namespace
} // namespace tessera::http
