#include "http/routing/router.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const router routes{{
    {"GET", "/", {}},
    {"GET", "/api/holds", {}},
    {"POST", "/api/holds", {}},
    {"GET", "/api/holds/:id", {}},
    {"POST", "/api/holds/:id/capture", {}},
    {"POST", "/api/holds/mine", {}},
    {"GET", "/api/balance/:type/:id", {}},
    {"GET", "/api/balance/tenant/self/lots", {}},
}};

struct outcome {
  std::string_view path; // of the route, "" when none
  std::string allow;
  std::vector<std::string_view> parameters;
};

outcome find(std::string_view method, std::string_view path) {
  outcome found;
  const auto match = routes.find(method, path, found.parameters);
  if (match.found) found.path = match.found->path;
  found.allow = match.allow;
  return found;
}

TEST(RouterTest, FindsExactPaths) {
  EXPECT_EQ(find("GET", "/").path, "/");
  EXPECT_EQ(find("GET", "/api/holds").path, "/api/holds");
  EXPECT_EQ(find("HEAD", "/api/holds").path, "/api/holds");
}

TEST(RouterTest, HandsOutParametersInOrder) {
  const auto found = find("GET", "/api/balance/organization/org-1");
  EXPECT_EQ(found.path, "/api/balance/:type/:id");
  EXPECT_THAT(found.parameters, ElementsAre("organization", "org-1"));
}

TEST(RouterTest, PrefersExactSegmentsAndComesBackFromADeadEnd) {
  EXPECT_EQ(find("POST", "/api/holds/mine").path, "/api/holds/mine");
  EXPECT_EQ(find("POST", "/api/holds/mine/capture").path, "/api/holds/:id/capture");
  const auto found = find("GET", "/api/balance/tenant/self");
  EXPECT_EQ(found.path, "/api/balance/:type/:id");
  EXPECT_THAT(found.parameters, ElementsAre("tenant", "self"));
}

TEST(RouterTest, TellsTheMethodsOfAPathItKnows) {
  const auto found = find("DELETE", "/api/holds");
  EXPECT_EQ(found.path, "");
  EXPECT_EQ(found.allow, "GET, HEAD, POST");
}

TEST(RouterTest, DoesNotKnowAliases) {
  for (const auto* path :
       {"//",
        "/api/holds/",
        "//api/holds",
        "/api//holds",
        "/api/./holds",
        "/api/x/../holds",
        "/api/%68olds",
        "/api/holds%2F1",
        "/api%2fholds",
        "/api/holds/%2e%2e",
        "/api/holds/a%00",
        "/api/holds/..%5c",
        "/api/holds/%",
        "/api/holds/%zz",
        "/api/holds/%4",
        "/api/Holds",
        "/api/holds/1/capture/2",
        "",
        "api/holds"}) {
    const auto found = find("GET", path);
    EXPECT_EQ(found.path, "") << path;
    EXPECT_THAT(found.allow, IsEmpty()) << path;
  }
}

TEST(RouterTest, LeavesOtherEncodingsInAParameterToTheRoute) {
  EXPECT_THAT(find("GET", "/api/holds/a%40b").parameters, ElementsAre("a%40b"));
}

TEST(RouterTest, DoesNotTakeATableThatContradictsItself) {
  EXPECT_THROW((router{{{"GET", "/a/:x", {}}, {"GET", "/a/:y", {}}}}), std::logic_error);
  EXPECT_THROW((router{{{"GET", "/a/", {}}}}), std::logic_error);
}

} // namespace
} // namespace tessera::http
