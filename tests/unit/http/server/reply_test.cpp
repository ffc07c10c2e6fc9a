#include "http/server/reply.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string head_of(const response& answer, reply_context context = {.request_id = "r-1", .date = "today"}) {
  std::string out;
  append_reply_head(out, answer, context);
  return out;
}

TEST(ReplyTest, SaysEverythingAClientAndAProxyNeed) {
  const auto head = head_of({.status = 201, .body = "{}"});

  EXPECT_THAT(head, StartsWith("HTTP/1.1 201 Created\r\nDate: today\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nX-Request-Id: r-1\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nReferrer-Policy: no-referrer\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Strict-Transport-Security")));
  EXPECT_THAT(head, Not(HasSubstr("Connection:")));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
}

TEST(ReplyTest, LeavesASecurityHeaderToTheRouteThatSetsIt) {
  const auto head = head_of({.headers = {{"cache-control", "max-age=60"}}});

  EXPECT_THAT(head, HasSubstr("cache-control: max-age=60\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("no-store")));
}

TEST(ReplyTest, SendsHstsWhenTheBaseIsHttps) {
  EXPECT_THAT(head_of({}, {.strict_transport = true}), HasSubstr("Strict-Transport-Security: max-age="));
}

TEST(ReplyTest, DoesNotLetAValueBeginAHeaderOfItsOwn) {
  const auto head = head_of({.headers = {{"Location", "/a\r\nSet-Cookie: b"}}});

  EXPECT_THAT(head, HasSubstr("Location: /a  Set-Cookie: b\r\n"));
}

TEST(ReplyTest, GivesNoContentNeitherTypeNorLength) {
  const auto head = head_of({.status = 204});

  EXPECT_THAT(head, Not(HasSubstr("\r\nContent-Length")));
  EXPECT_THAT(head, Not(HasSubstr("\r\nContent-Type")));
  EXPECT_FALSE(has_wire_body({.status = 204, .body = "x"}, {}));
}

TEST(ReplyTest, TellsTheFateOfTheConnection) {
  EXPECT_THAT(head_of({}, {.close = true}), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(head_of({}, {.is_http_1_0 = true}), HasSubstr("Connection: keep-alive\r\n"));
}

TEST(DateClockTest, WritesTheFixedFormat) {
  date_clock clock;
  EXPECT_THAT(
      std::string{clock.now()},
      testing::MatchesRegex("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9][0-9] [A-Z][a-z]+ [0-9]+ [0-9:]+ GMT")
  );
  EXPECT_EQ(clock.now().size(), 29u);
}

} // namespace
} // namespace tessera::http
