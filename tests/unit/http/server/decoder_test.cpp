#include "http/server/decoder.hpp"

#include <gtest/gtest.h>

namespace tessera::http {
namespace {

using progress = decoder::progress;

const std::string chunked_head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string length_head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";

struct decoded {
  progress result;
  std::string body;
  std::size_t left; // bytes that belong to the next request
};

/// Feeds pieces of the given size as a connection does: what is not used comes again.
decoded decode(const std::string& bytes, std::size_t piece, std::uint64_t limit = 1'000) {
  std::string body;
  decoder read{body, limit};
  std::string held = bytes.substr(0, bytes.find("\r\n\r\n") + 4);
  auto at = held.size();
  auto result = progress::need_more;
  while (result == progress::need_more) {
    std::size_t used = 0;
    result = read.feed(held, used, false);
    held.erase(0, used);
    if (at == bytes.size()) break;
    if (result == progress::need_more) {
      held += bytes.substr(at, piece);
      at = std::min(at + piece, bytes.size());
    }
  }
  std::size_t used = 0;
  if (result == progress::need_more) result = read.feed(held, used, false);
  return {result, std::string{read.body()}, held.size() - used + bytes.size() - at};
}

TEST(DecoderTest, ReadsABodyOfKnownLength) {
  for (const std::size_t piece : {1u, 2u, 100u}) {
    const auto read = decode(length_head + "helloGET", piece);
    EXPECT_EQ(read.result, progress::done);
    EXPECT_EQ(read.body, "hello");
    EXPECT_EQ(read.left, 3u);
  }
}

TEST(DecoderTest, DoesNotCopyABodyThatIsThereInOnePiece) {
  std::string body;
  decoder read{body, 1'000};
  const auto bytes = length_head + "hello";
  std::size_t used = 0;

  EXPECT_EQ(read.feed(bytes, used, true), progress::done);

  EXPECT_EQ(read.body().data(), bytes.data() + length_head.size());
  EXPECT_EQ(used, bytes.size());
}

TEST(DecoderTest, PutsChunksTogether) {
  for (const std::size_t piece : {1u, 3u, 100u}) {
    const auto read =
        decode(chunked_head + "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-T: a\r\n\r\nGET", piece);
    EXPECT_EQ(read.result, progress::done) << piece;
    EXPECT_EQ(read.body, "hello world");
    EXPECT_EQ(read.left, 3u);
  }
}

TEST(DecoderTest, RefusesChunksThatAreNotWhatTheySay) {
  const std::string bad[] = {
      "x\r\n",
      "-1\r\nh\r\n",
      "0x5\r\nhello\r\n0\r\n\r\n",
      "5\r\nhelloo\r\n0\r\n\r\n",
      "5\nhello\r\n0\r\n\r\n",
      "11111111111111111\r\n",
      "5 5\r\nhello\r\n0\r\n\r\n",
      "\r\nhello\r\n",
      "5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n",
      "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "5\r\nhello\r\n0\r\nHost: evil\r\n\r\n",
      "5\r\nhello\r\n0\r\nX : a\r\n\r\n",
      "5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n",
      "5\r\nhello\r\n0\r\nX: a\n\r\n",
      "5\r\nhello\r\n0\r\nX: \x01\r\n\r\n",
      "5\r\nhello\r\n0\r\n: a\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhello\r\n0\r\n\r\r\n",
      // Space, backslashes and emptiness in extensions: some parsers read on, some refuse.
      "5 ;a\r\nhello\r\n0\r\n\r\n",
      "5; a\r\nhello\r\n0\r\n\r\n",
      "5;\r\nhello\r\n0\r\n\r\n",
      "5;a=\"b\"c\r\nhello\r\n0\r\n\r\n",
      "5;a=\r\nhello\r\n0\r\n\r\n",
      "5;a\\\r\nhello\r\n0\r\n\r\n",
      "5;a=\"\\\"\"\r\nhello\r\n0\r\n\r\n",
      "5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n",
      "5\t\r\nhello\r\n0\r\n\r\n",
      "5\r\nhello\r\n0 ;a\r\n\r\n",
  };
  for (const auto& chunks : bad)
    for (const std::size_t piece : {1u, 100u}) {
      const auto result = decode(chunked_head + chunks, piece).result;
      EXPECT_TRUE(result == progress::malformed || result == progress::too_large) << chunks;
    }
}

TEST(DecoderTest, ReadsExtensionsAndTrailersAndForgetsThem) {
  const std::string forms[] = {
      "5;a\r\nhello\r\n0\r\n\r\n",
      "5;a=b;c=\"d ;\"\r\nhello\r\n00;e\r\n\r\n",
      "005\r\nhello\r\n0\r\nX-T:a\r\nX-U: \t \"b\"\r\n\r\n",
  };
  for (const auto& chunks : forms)
    for (const std::size_t piece : {1u, 2u, 100u}) {
      const auto read = decode(chunked_head + chunks + "GET", piece);
      EXPECT_EQ(read.result, progress::done) << chunks;
      EXPECT_EQ(read.body, "hello");
      EXPECT_EQ(read.left, 3u);
    }
}

/// Beast's own reader of chunks ends the process here: it asserts that the last chunk comes with what is
/// behind it.
TEST(DecoderTest, AnEmptyBodyInChunksMayArriveByteByByte) {
  for (const std::size_t piece : {1u, 2u, 3u, 4u, 5u}) {
    const auto read = decode(chunked_head + "0\r\n\r\n", piece);
    EXPECT_EQ(read.result, progress::done) << piece;
    EXPECT_EQ(read.body, "");
  }
}

TEST(DecoderTest, ChunksThatAreAllHeaderComeToAnEnd) {
  std::string many;
  for (int i = 0; i < 20'000; ++i)
    many += "1;abcdef\r\nx\r\n";

  EXPECT_EQ(decode(chunked_head + many, 1'000, 20'000).result, progress::malformed);
}

TEST(DecoderTest, StopsAtTheLimitOfTheRoute) {
  EXPECT_EQ(decode(chunked_head + "5\r\nhello\r\n0\r\n\r\n", 100, 5).result, progress::done);
  EXPECT_EQ(decode(chunked_head + "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", 100, 5).result, progress::too_large);
  EXPECT_EQ(decode(chunked_head + "ffffffff\r\n", 100, 5).result, progress::too_large);
}

} // namespace
} // namespace tessera::http
