#include "http/server/framing.hpp"
#include "tests/framing/vectors.hpp"

#include <gmock/gmock.h>

#include <string>

namespace tessera::test {

void PrintTo(const framing_vector& tried, std::ostream* out) {
  *out << tried.name;
}

} // namespace tessera::test

namespace tessera::http {
namespace {

using test::framing_vector;
using test::lines;
using test::with_headers;
using testing::ElementsAre;
using testing::Pair;

std::string name_of(const testing::TestParamInfo<framing_vector>& info) {
  return info.param.name;
}

framing frame(const std::string& bytes, framing_refusal* why = nullptr) {
  framing_gate gate;
  const auto verdict = gate.read(bytes);
  if (why) *why = gate.refusal();
  return verdict;
}

class RefusedVectorTest : public testing::TestWithParam<framing_vector> {};

TEST_P(RefusedVectorTest, IsRefusedInOnePiece) {
  framing_refusal why;

  EXPECT_EQ(frame(GetParam().bytes, &why), framing::refused);

  EXPECT_EQ(why.status, GetParam().status) << why.reason;
  EXPECT_FALSE(why.code.empty());
}

TEST_P(RefusedVectorTest, IsRefusedByteByByte) {
  framing_gate gate;
  auto verdict = framing::need_more;
  for (std::size_t size = 1; size <= GetParam().bytes.size() && verdict == framing::need_more; ++size)
    verdict = gate.read(std::string_view{GetParam().bytes}.substr(0, size));

  EXPECT_EQ(verdict, framing::refused);
}

INSTANTIATE_TEST_SUITE_P(Framing, RefusedVectorTest, testing::ValuesIn(test::refused_vectors()), name_of);

class AcceptedVectorTest : public testing::TestWithParam<framing_vector> {};

TEST_P(AcceptedVectorTest, IsAcceptedWhole) {
  framing_gate gate;

  EXPECT_EQ(gate.read(GetParam().bytes), framing::accepted) << gate.refusal().reason;

  EXPECT_EQ(gate.head().size, GetParam().bytes.size());
}

TEST_P(AcceptedVectorTest, NeedsEveryByte) {
  framing_gate gate;
  for (std::size_t size = 0; size < GetParam().bytes.size(); ++size)
    ASSERT_EQ(gate.read(std::string{GetParam().bytes.substr(0, size)}), framing::need_more) << size;

  EXPECT_EQ(gate.read(GetParam().bytes), framing::accepted);
}

INSTANTIATE_TEST_SUITE_P(Framing, AcceptedVectorTest, testing::ValuesIn(test::accepted_vectors()), name_of);

TEST(FramingTest, TellsWhatItRead) {
  const auto bytes =
      lines({"POST /a?b=c HTTP/1.1", "Host: h", "content-length: 12", "Expect: 100-Continue"}) + "body";
  framing_gate gate;

  ASSERT_EQ(gate.read(bytes), framing::accepted);

  const auto& head = gate.head();
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/a?b=c");
  EXPECT_EQ(head.body, body_kind::length);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.size, bytes.size() - 4);
  EXPECT_THAT(
      head.headers,
      ElementsAre(Pair("Host", "h"), Pair("content-length", "12"), Pair("Expect", "100-Continue"))
  );
}

TEST(FramingTest, BeginsAnewForTheNextRequest) {
  const auto first = with_headers({"Content-Length: 3", "Connection: close"});
  const auto second = lines({"GET / HTTP/1.0"});
  framing_gate gate;
  ASSERT_EQ(gate.read(first), framing::accepted);

  gate.next();

  ASSERT_EQ(gate.read(second), framing::accepted);
  EXPECT_EQ(gate.head().body, body_kind::none);
  EXPECT_EQ(gate.head().minor_version, 0);
  EXPECT_TRUE(gate.head().headers.empty());
}

TEST(FramingTest, KeepsAliveAsTheVersionAndTheClientSay) {
  const auto keeps = [](const std::string& bytes) {
    framing_gate gate;
    EXPECT_EQ(gate.read(bytes), framing::accepted);
    return gate.head().keep_alive;
  };

  EXPECT_TRUE(keeps(lines({"GET / HTTP/1.1", "Host: h"})));
  EXPECT_FALSE(keeps(lines({"GET / HTTP/1.1", "Host: h", "Connection: x, Close"})));
  EXPECT_FALSE(keeps(lines({"GET / HTTP/1.1", "Host: h", "Proxy-Connection: close"})));
  EXPECT_FALSE(keeps(lines({"GET / HTTP/1.0", "Host: h"})));
  EXPECT_FALSE(keeps(lines({"GET / HTTP/1.0", "Host: h", "Proxy-Connection: keep-alive"})));
  EXPECT_TRUE(keeps(lines({"GET / HTTP/1.0", "Host: h", "Connection: Keep-Alive"})));
}

} // namespace
} // namespace tessera::http
