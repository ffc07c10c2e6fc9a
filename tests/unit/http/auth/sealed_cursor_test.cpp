#include "http/auth/sealed_cursor.hpp"

#include <gmock/gmock.h>

namespace tessera::http {
namespace {

using testing::Optional;

const tenant_id ours{};
const tenant_id theirs{uuid{{1}}};

TEST(SealedCursorTest, OpensForTheListThatItCameFrom) {
  const sealed_cursor cursors(ours, "GET /a", fingerprint().add("x"));
  EXPECT_THAT(cursors.open(cursors.seal("17.pur-1")), Optional(std::string_view("17.pur-1")));
}

TEST(SealedCursorTest, IsRefusedAnywhereElse) {
  const auto cursor = sealed_cursor(ours, "GET /a", fingerprint().add("x")).seal("17.pur-1");
  EXPECT_FALSE(sealed_cursor(theirs, "GET /a", fingerprint().add("x")).open(cursor));
  EXPECT_FALSE(sealed_cursor(ours, "GET /b", fingerprint().add("x")).open(cursor));
  EXPECT_FALSE(sealed_cursor(ours, "GET /a", fingerprint().add("y")).open(cursor));
}

TEST(SealedCursorTest, IsRefusedWithAnyByteChanged) {
  const sealed_cursor cursors(ours, "GET /a", fingerprint());
  const auto cursor = cursors.seal("17.pur-1");
  for (std::size_t at = 0; at < cursor.size(); ++at) {
    auto forged = cursor;
    forged[at] = forged[at] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(cursors.open(forged)) << forged;
  }
  for (const auto* bad : {"", ".", "17.pur-1", "zzz"})
    EXPECT_FALSE(cursors.open(bad)) << bad;
}

} // namespace
} // namespace tessera::http
