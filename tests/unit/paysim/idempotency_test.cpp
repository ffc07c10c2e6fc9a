#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/api/idempotency.hpp"

#include <gtest/gtest.h>

namespace tessera::paysim {
namespace {

constexpr std::int64_t now = 1'000'000;
constexpr std::int64_t day = 24 * 3'600;

TEST(IdempotencyTest, AFinishedKeyAnswersAsBefore) {
  idempotency keys;
  EXPECT_EQ(keys.begin("k", "pay 5", "req_1", now), nullptr);
  keys.finish("k", 402, "declined");

  const auto* known = keys.begin("k", "pay 5", "req_2", now + day - 1);

  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->status, 402u);
  EXPECT_EQ(known->body, "declined");
  EXPECT_EQ(known->request, "req_1");
}

TEST(IdempotencyTest, AKeyIsOfOneCallAtATimeAndOfOneCommand) {
  idempotency keys;
  keys.begin("k", "pay 5", "req_1", now);
  const auto error_of = [&](const std::string& fingerprint) {
    try {
      keys.begin("k", fingerprint, "req_2", now);
    } catch (const api_error& error) {
      return std::pair{error.status, error.code};
    }
    return std::pair{0u, std::string{}};
  };
  EXPECT_EQ(error_of("pay 5"), std::pair(409u, std::string("idempotency_key_in_use")));
  keys.finish("k", 200, "paid");
  EXPECT_EQ(error_of("pay 6"), std::pair(400u, std::string()));
  EXPECT_EQ(error_of("pay 5").first, 0u);
}

TEST(IdempotencyTest, AKeyIsFreeAgainAfterADayOrWhenNothingBegan) {
  idempotency keys;
  keys.begin("old", "pay 5", "req_1", now);
  keys.finish("old", 200, "paid");
  EXPECT_EQ(keys.begin("old", "pay 6", "req_2", now + day), nullptr);

  keys.begin("refused", "pay 5", "req_3", now);
  keys.forget("refused");
  EXPECT_EQ(keys.begin("refused", "pay 6", "req_4", now), nullptr);
}

} // namespace
} // namespace tessera::paysim
