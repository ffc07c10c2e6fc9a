#include "tests/framing/vectors.hpp"

namespace tessera::test {

namespace {

using namespace std::string_literals;

std::string many_headers(int count) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int at = 1; at < count; ++at)
    bytes += "X-" + std::to_string(at) + ": v\r\n";
  return bytes + "\r\n";
}

} // namespace

std::string lines(std::initializer_list<std::string> all) {
  std::string bytes;
  for (const auto& line : all)
    bytes += line + "\r\n";
  return bytes + "\r\n";
}

std::string with_headers(std::initializer_list<std::string> all) {
  std::string bytes = "POST /p HTTP/1.1\r\nHost: h\r\n";
  for (const auto& line : all)
    bytes += line + "\r\n";
  return bytes + "\r\n";
}

std::vector<framing_vector> refused_vectors() {
  return {
      // What Beast's parser would let pass.
      {"CodingThatOnlyContainsChunked", with_headers({"Transfer-Encoding: xchunked"}), 400},
      {"ChunkedThenIdentity", with_headers({"Transfer-Encoding: chunked, identity"}), 400},
      {"GzipThenChunked", with_headers({"Transfer-Encoding: gzip, chunked"}), 400},
      {"IdentityCoding", with_headers({"Transfer-Encoding: identity"}), 400},
      {"ChunkedTwiceInAList", with_headers({"Transfer-Encoding: chunked, chunked"}), 400},
      {"EmptyCoding", with_headers({"Transfer-Encoding:"}), 400},
      {"ChunkedWithParameter", with_headers({"Transfer-Encoding: chunked;q=1"}), 400},
      {"QuotedChunked", with_headers({"Transfer-Encoding: \"chunked\""}), 400},
      {"CodingTwice", with_headers({"Transfer-Encoding: chunked", "Transfer-Encoding: identity"}), 400},
      {"CodingInHttp10", lines({"POST /p HTTP/1.0", "Transfer-Encoding: chunked"}), 400},
      {"TwoEqualLengths", with_headers({"Content-Length: 2", "Content-Length: 2"}), 400},
      {"LengthList", with_headers({"Content-Length: 2, 2"}), 400},
      {"TabBehindLength", with_headers({"Content-Length: 2\t"}), 400},
      {"TabBehindCoding", with_headers({"Transfer-Encoding: chunked\t"}), 400},
      {"EmptyLength", with_headers({"Content-Length:"}), 400},
      {"FoldedHeader", with_headers({"X-A: b", " c"}), 400},
      {"FoldedByTab", with_headers({"X-A: b", "\tc"}), 400},
      {"FoldedFirstHeader", lines({"GET / HTTP/1.1", " Host: h"}), 400},
      {"MissingHost", lines({"GET / HTTP/1.1"}), 400},
      {"TwoHosts", lines({"GET / HTTP/1.1", "Host: a", "Host: b"}), 400},
      {"TwoEqualHosts", lines({"GET / HTTP/1.1", "Host: a", "Host: a"}), 400},
      {"EmptyHost", lines({"GET / HTTP/1.1", "Host:"}), 400},
      {"HostWithPath", lines({"GET / HTTP/1.1", "Host: a/b"}), 400},
      {"HostWithUser", lines({"GET / HTTP/1.1", "Host: u@a"}), 400},
      {"HostList", lines({"GET / HTTP/1.1", "Host: a, b"}), 400},
      {"HostWithBadPort", lines({"GET / HTTP/1.1", "Host: a:99999"}), 400},
      {"HostWithEmptyPort", lines({"GET / HTTP/1.1", "Host: a:"}), 400},
      {"AbsoluteTargetOfOtherHost", lines({"GET http://evil/ HTTP/1.1", "Host: h"}), 400},
      {"AbsoluteTargetOfSameHost", lines({"GET http://h/ HTTP/1.1", "Host: h"}), 400},
      {"AuthorityTarget", lines({"CONNECT h:443 HTTP/1.1", "Host: h"}), 400},
      {"ConnectWithAPath", lines({"CONNECT / HTTP/1.1", "Host: h"}), 400},
      {"AsteriskTarget", lines({"OPTIONS * HTTP/1.1", "Host: h"}), 400},
      {"RelativeTarget", lines({"GET p HTTP/1.1", "Host: h"}), 400},
      {"LowerCaseMethod", lines({"get / HTTP/1.1", "Host: h"}), 400},
      {"MixedCaseMethod", lines({"Get / HTTP/1.1", "Host: h"}), 400},
      {"HighByteInValue", with_headers({"X-A: caf\xc3\xa9"}), 400},
      {"HighByteInName", with_headers({"X-\xe9: a"}), 400},
      {"DeleteInValue", with_headers({"X-A: \x7f"}), 400},
      {"TooManyHeaders", many_headers(200), 431},
      {"OneHeaderTooMany", many_headers(65), 431},
      {"GetWithBody", lines({"GET / HTTP/1.1", "Host: h", "Content-Length: 2"}), 400},
      {"GetWithChunkedBody", lines({"GET / HTTP/1.1", "Host: h", "Transfer-Encoding: chunked"}), 400},
      {"HeadWithBody", lines({"HEAD / HTTP/1.1", "Host: h", "Content-Length: 2"}), 400},
      // What it refuses too; here it must not depend on that.
      {"CodingThenLength", with_headers({"Transfer-Encoding: chunked", "Content-Length: 4"}), 400},
      {"LengthThenCoding", with_headers({"Content-Length: 4", "Transfer-Encoding: chunked"}), 400},
      {"LengthZeroAndCoding", with_headers({"Content-Length: 0", "Transfer-Encoding: chunked"}), 400},
      {"DifferentLengths", with_headers({"Content-Length: 2", "Content-Length: 3"}), 400},
      {"PlusLength", with_headers({"Content-Length: +2"}), 400},
      {"NegativeLength", with_headers({"Content-Length: -1"}), 400},
      {"HexLength", with_headers({"Content-Length: 0x2"}), 400},
      {"FractionalLength", with_headers({"Content-Length: 2.0"}), 400},
      {"LengthWithInnerSpace", with_headers({"Content-Length: 1 2"}), 400},
      {"OverflowingLength", with_headers({"Content-Length: 18446744073709551616"}), 400},
      {"HugeLength", with_headers({"Content-Length: " + std::string(60, '9')}), 400},
      {"SpaceBeforeColon", with_headers({"Content-Length : 2"}), 400},
      {"TabBeforeColon", with_headers({"Transfer-Encoding\t: chunked"}), 400},
      {"VerticalTabBeforeChunked", with_headers({"Transfer-Encoding: \vchunked"}), 400},
      {"FormFeedInValue", with_headers({"X-A: a\fb"}), 400},
      {"BareLineFeeds", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"BareLineFeedInHeader", "GET / HTTP/1.1\r\nHost: h\nX-A: b\r\n\r\n", 400},
      {"BareCarriageReturn", "GET / HTTP/1.1\r\nHost: h\rX-A: b\r\n\r\n", 400},
      {"NulInValue", with_headers({"X-A: a\0b"s}), 400},
      {"NulInTarget", lines({"GET /\0a HTTP/1.1"s, "Host: h"}), 400},
      {"EmptyName", with_headers({": a"}), 400},
      {"NameWithBracket", with_headers({"X(A): a"}), 400},
      {"NameWithSpace", with_headers({"X A: a"}), 400},
      {"NoColon", with_headers({"nothing"}), 400},
      {"Http09", "GET /\r\n", 400},
      {"Http09WithSpace", "GET / \r\n", 400},
      {"Http12", lines({"GET / HTTP/1.2", "Host: h"}), 505},
      {"Http20", lines({"PRI * HTTP/2.0", ""}), 505},
      {"LowerCaseProtocol", lines({"GET / http/1.1", "Host: h"}), 400},
      {"LongVersion", lines({"GET / HTTP/1.10", "Host: h"}), 400},
      {"OtherProtocol", lines({"GET / ICY/1.1", "Host: h"}), 400},
      {"EmptyLineFirst", "\r\n" + lines({"GET / HTTP/1.1", "Host: h"}), 400},
      {"TwoSpacesInRequestLine", lines({"GET  / HTTP/1.1", "Host: h"}), 400},
      {"SpaceInTarget", lines({"GET /a b HTTP/1.1", "Host: h"}), 400},
      {"TabInRequestLine", lines({"GET\t/ HTTP/1.1", "Host: h"}), 400},
      {"FragmentInTarget", lines({"GET /#a HTTP/1.1", "Host: h"}), 400},
      {"BackslashInTarget", lines({"GET /\\a HTTP/1.1", "Host: h"}), 400},
      {"HighByteInTarget", lines({"GET /\xc3\xa9 HTTP/1.1", "Host: h"}), 400},
      {"EmptyMethod", lines({" / HTTP/1.1", "Host: h"}), 400},
      {"LongMethod", lines({std::string(21, 'A') + " / HTTP/1.1", "Host: h"}), 400},
      {"TlsHello", "\x16\x03\x01\x02"s, 400},
      {"LongTarget", lines({"GET /" + std::string(9'000, 'a') + " HTTP/1.1", "Host: h"}), 414},
      {"EndlessTarget", "GET /" + std::string(20'000, 'a'), 414},
      {"LongHeader", with_headers({"X-A: " + std::string(17'000, 'a')}), 431},
      {"EndlessHeader", "GET / HTTP/1.1\r\nX-A: " + std::string(20'000, 'a'), 431},
      {"OtherExpectation", with_headers({"Expect: 200-ok"}), 417},
  };
}

std::vector<framing_vector> accepted_vectors() {
  return {
      {"Plain", lines({"GET / HTTP/1.1", "Host: h"}), 0},
      {"HostWithPort", lines({"GET / HTTP/1.1", "Host: example.org:8080"}), 0},
      {"HostIsIpv6", lines({"GET / HTTP/1.1", "Host: [::1]:8080"}), 0},
      {"Http10WithoutHost", lines({"GET / HTTP/1.0"}), 0},
      {"EveryHeaderThatMayBe", many_headers(64), 0},
      {"GetWithLengthZero", lines({"GET / HTTP/1.1", "Host: h", "Content-Length: 0"}), 0},
      {"DeleteWithBody", lines({"DELETE / HTTP/1.1", "Host: h", "Content-Length: 2"}), 0},
      {"ChunkedInCapitals", with_headers({"Transfer-Encoding: Chunked"}), 0},
      {"NoSpaceBehindColon", with_headers({"X-A:b"}), 0},
      {"TabsAroundValue", with_headers({"X-A:\tb\t"}), 0},
      {"EmptyValue", with_headers({"X-A:"}), 0},
      {"UnknownMethod", lines({"BREW /pot HTTP/1.1", "Host: h"}), 0},
      {"PercentAndQuery", lines({"GET /a%20b?c=d&e=%7B HTTP/1.1", "Host: h"}), 0},
  };
}

} // namespace tessera::test
