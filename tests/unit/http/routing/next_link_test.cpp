#include "http/routing/next_link.hpp"

#include <gtest/gtest.h>

namespace tessera::http {
namespace {

std::string link_for(std::string_view query) {
  request asked;
  asked.path = "/api/credits/purchases";
  asked.query = query;
  return next_link(asked, "c.2");
}

TEST(NextLinkTest, IsTheSameListWithAnotherCursor) {
  EXPECT_EQ(link_for(""), "</api/credits/purchases?cursor=c.2>; rel=\"next\"");
  EXPECT_EQ(
      link_for("limit=2&cursor=c.1&status=pending"),
      "</api/credits/purchases?limit=2&status=pending&cursor=c.2>; rel=\"next\""
  );
}

TEST(NextLinkTest, TheOldCursorGoesHoweverItIsWritten) {
  EXPECT_EQ(link_for("limit=2&%63ursor=c.1"), "</api/credits/purchases?limit=2&cursor=c.2>; rel=\"next\"");
}

TEST(NextLinkTest, NothingInTheQueryEndsTheLink) {
  EXPECT_EQ(link_for("a=>\"<x"), "</api/credits/purchases?a=%3E%22%3Cx&cursor=c.2>; rel=\"next\"");
}

} // namespace
} // namespace tessera::http
