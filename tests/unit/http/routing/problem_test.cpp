#include "http/routing/problem.hpp"
#include "http/routing/request.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

request a_request() {
  request incoming;
  incoming.path = "/api/credits/consume";
  incoming.request_id = "r-1";
  return incoming;
}

TEST(ProblemTest, IsWrittenAsRfc9457WithOurMembers) {
  const problem short_of_credits{
      .status = 402,
      .code = "insufficient_credits",
      .title = "Not enough credits.",
      .detail = "10 are asked for, 3 are there.",
      .errors = {{"/credits", "too_many", "At most 3."}},
      .extensions = R"("requested":10,"wouldAllow":3)",
  };

  const auto answer = to_response(short_of_credits, a_request());

  EXPECT_EQ(answer.status, 402u);
  EXPECT_EQ(answer.content_type, "application/problem+json");
  EXPECT_EQ(
      answer.body,
      R"({"type":"/docs/problems#insufficient_credits","title":"Not enough credits.","status":402,)"
      R"("detail":"10 are asked for, 3 are there.","instance":"/api/credits/consume","success":false,)"
      R"("code":"insufficient_credits","requestId":"r-1",)"
      R"("errors":[{"pointer":"/credits","code":"too_many","detail":"At most 3."}],"requested":10,"wouldAllow":3})"
  );
}

TEST(ProblemTest, TellsWhenToComeBack) {
  const problem busy{
      .status = 503,
      .code = "overloaded",
      .title = "Busy.",
      .retry_after_seconds = 2,
      .headers = {{"Allow", "GET"}},
  };

  EXPECT_THAT(
      to_response(busy, a_request()).headers, ElementsAre(Pair("Retry-After", "2"), Pair("Allow", "GET"))
  );
}

} // namespace
} // namespace tessera::http
