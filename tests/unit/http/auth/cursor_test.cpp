#include "http/auth/cursor.hpp"

#include <gmock/gmock.h>

#include <utility>

namespace tessera::http {
namespace {

using testing::Optional;

constexpr std::string_view position("\0\1at\xff", 5);

digest key_of(std::uint8_t byte) {
  digest key;
  key.fill(byte);
  return key;
}

cursor_purpose purpose(std::string_view tenant, std::string_view order) {
  return std::move(cursor_purpose().add(tenant).add(order));
}

TEST(CursorTest, OpensForThePurposeThatItWasMadeFor) {
  const auto cursor = seal_cursor(key_of(1), purpose("acme", "asc"), position);
  EXPECT_THAT(open_cursor(key_of(1), purpose("acme", "asc"), cursor), Optional(std::string(position)));
  EXPECT_EQ(open_cursor(key_of(1), purpose("acme", "desc"), cursor), std::nullopt);
  EXPECT_EQ(open_cursor(key_of(1), purpose("other", "asc"), cursor), std::nullopt);
  EXPECT_EQ(open_cursor(key_of(2), purpose("acme", "asc"), cursor), std::nullopt);
}

TEST(CursorTest, EveryLetterCounts) {
  const auto cursor = seal_cursor(key_of(1), purpose("acme", "asc"), position);
  for (std::size_t at = 0; at < cursor.size(); ++at) {
    auto forged = cursor;
    forged[at] = forged[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(open_cursor(key_of(1), purpose("acme", "asc"), forged), std::nullopt) << at;
  }
  for (const auto& forged : {cursor + "A", cursor.substr(1), cursor + "=", std::string{}, std::string("s7")})
    EXPECT_EQ(open_cursor(key_of(1), purpose("acme", "asc"), forged), std::nullopt) << forged;
}

TEST(CursorTest, PurposeAndPositionAreKeptApart) {
  const auto cursor = seal_cursor(key_of(1), cursor_purpose().add("a"), "1:b");
  EXPECT_EQ(open_cursor(key_of(1), std::move(cursor_purpose().add("a").add("b")), cursor), std::nullopt);
}

} // namespace
} // namespace tessera::http
