#include "server_fixture.hpp"
#include "tests/framing/sight.hpp"
#include "tests/framing/stream_maker.hpp"

namespace tessera::http::test {
namespace {

/// What is compared with node's parser is gate and decoder (tests/framing): a real connection must not see
/// more.
TEST_F(ServerTest, SeesNoMoreRequestsThanItsGate) {
  start();
  std::uint64_t seen = 0;
  std::uint64_t expected = 0;
  for (std::uint64_t number = 0; number < 300; ++number) {
    const auto stream = tessera::test::stream_maker(7, number).make();
    const auto heads = tessera::test::look(stream).heads;
    const auto before = std::uint64_t{statistics().requests};

    connect().send(stream).end_sending().read_to_end();

    const auto count = std::uint64_t{statistics().requests} - before;
    EXPECT_LE(count, heads) << testing::PrintToString(stream);
    seen += count;
    expected += heads;
  }
  EXPECT_GT(seen, expected / 2); // fewer: what was refused for its path was not read on
}

TEST_F(ServerTest, AnEmptyBodyInChunksMayArriveByteByByte) {
  start();
  auto client = connect();
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send_byte_by_byte("0\r\n\r\n");

  EXPECT_EQ(client.read().status, 200);
}

} // namespace
} // namespace tessera::http::test
