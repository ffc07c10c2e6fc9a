#include "http/routing/request.hpp"

#include <gtest/gtest.h>

namespace tessera::http {
namespace {

TEST(RequestTest, IsKnownInTheLogByItsIdAndTheCallersTrace) {
  request asked;
  asked.request_id = "id-1";
  EXPECT_EQ(asked.log_name(), "id-1");
  asked.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  EXPECT_EQ(asked.log_name(), "id-1 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

} // namespace
} // namespace tessera::http
