#include "tests/framing/stream_maker.hpp"

#include "tests/framing/vectors.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace tessera::test {

namespace {

using namespace std::string_view_literals;

/// The parts between `|`, empty ones too.
std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('|', at), text.size());
    all.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

// What is right stands several times: most streams should come to their second request. The last list is what
// changes where something ends.
const auto methods = words("GET|POST|POST|POST|PUT|PUT|DELETE|HEAD|PATCH|OPTIONS|get|CONNECT|BREW"sv);
const auto targets = words("/|/|/a|/a?b=c|/%2e|//|/a;b|*|http://h/|h:80|/a b|/#a"sv);
const auto versions =
    words("HTTP/1.1|HTTP/1.1|HTTP/1.1|HTTP/1.1|HTTP/1.1|HTTP/1.1|HTTP/1.0|HTTP/1.2|HTTP/2.0|http/1.1"sv);
const auto ends = words("\r\n|\r\n|\r\n|\r\n|\r\n|\r\n|\r\n|\r\n|\n|\r|\r\r\n|\r\n "sv);
const auto hosts = words("Host: h|Host: h|Host: h|host:h|HOST: h:80|Host: [::1]|Host:|Host : h|Host: a, b|"
                         "Host: h\r\nHost: h|X-No: host"sv);
const auto others =
    words("Accept: */*|X-A:b|X-A:|X-A: \t b \t|Connection: keep-alive|Connection: close|"
          "Connection: x, close|Connection: upgrade\r\nUpgrade: websocket|"
          "Connection: Transfer-Encoding|Keep-Alive: timeout=5|Expect: 100-continue|Expect: x|"
          "Trailer: X-T|TE: trailers|Proxy-Connection: close|X-A: b\r\n c|X(A): b|X-A: \"a\\\"b\"|"
          "Cookie: a=b; c|Upgrade: h2c|Content-Type: application/json|Transfer_Encoding: chunked|"
          "Content_Length: 7|X: Content-Length: 3"sv);
const auto codings =
    words("chunked|chunked|chunked|chunked|Chunked|CHUNKED| chunked|\tchunked\t|xchunked|chunkedx|"
          "chunked,|, chunked|chunked, identity|identity|gzip, chunked|chunked, chunked|chunked;q=1|"
          "\"chunked\"|\vchunked||chun ked"sv);
const auto names_of_length =
    words("Content-Length|Content-Length|Content-Length|content-length|CONTENT-LENGTH|Content-Length |"
          " Content-Length|Content-Length\t"sv);
const auto names_of_coding =
    words("Transfer-Encoding|Transfer-Encoding|Transfer-Encoding|transfer-encoding|Transfer-Encoding |"
          "Transfer-Encoding\t"sv);
const auto extensions = words("||||||;a|;a=b|;a=\"b\"|;a=\"b;c\"| ;a|; a=b|;| |\t|;a=\"\r\n\"|;\n|;a\\"sv);
const auto trailers =
    words("||||X-T: a\r\n|X-T:a\r\nX-U:b\r\n|Content-Length: 3\r\n|Transfer-Encoding: chunked\r\n|"
          "Host: h\r\n| x\r\n|X : a\r\n|X-T: a\n|\r|X-T: a\r\n b\r\n|GET / HTTP/1.1\r\n"sv);
const auto splinters =
    words("\r\n|\r|\n|\r\n\r\n| |\t|\v|\f|\0|\x7f|\x80|\xff|:|;|,|0|1|5|f|F|+|-|0x|_|\"|0\r\n\r\n|"
          "chunked|Content-Length: 0\r\n|Content-Length: 5\r\n|Transfer-Encoding: chunked\r\n|"
          "Transfer-Encoding: x\r\n|GET /x HTTP/1.1\r\nHost: h\r\n\r\n|Connection: close\r\n|HTTP/1.0|"
          "00000000|ffffffffffffffff"sv);

std::string hex_of(std::size_t number, bool upper) {
  constexpr std::string_view low = "0123456789abcdef";
  constexpr std::string_view high = "0123456789ABCDEF";
  std::string text;
  do {
    text.insert(text.begin(), (upper ? high : low)[number % 16]);
    number /= 16;
  } while (number > 0);
  return text;
}

const std::vector<std::string>& known_vectors() {
  static const auto all = [] {
    std::vector<std::string> bytes;
    for (const auto& list : {refused_vectors(), accepted_vectors()})
      for (const auto& one : list)
        if (one.bytes.size() < 1'000) bytes.push_back(one.bytes);
    return bytes;
  }();
  return all;
}

} // namespace

std::string stream_maker::make() {
  std::string stream;
  for (auto left = 1 + dice_.below(4); left > 0; --left)
    stream += dice_.one_in(15) ? dice_.pick(known_vectors()) : request();
  if (dice_.one_in(3))
    for (auto left = 1 + dice_.below(3); left > 0; --left)
      damage(stream);
  return stream;
}

std::string stream_maker::request() {
  const bool odd = dice_.one_in(6); // else only what is right, in its many forms
  const auto method = odd ? dice_.pick(methods) : methods[dice_.below(10)];
  const auto target = odd ? dice_.pick(targets) : targets[dice_.below(7)];
  const auto version = odd ? dice_.pick(versions) : versions[dice_.below(7)];
  std::string text;
  text.append(method).append(" ").append(target).append(" ").append(version).append("\r\n");
  text.append(odd ? dice_.pick(hosts) : hosts[dice_.below(6)]).append("\r\n");
  for (auto left = dice_.below(3); left > 0; --left)
    text += header();
  const auto bodies = method == "GET" || method == "HEAD" ? std::size_t{1} : std::size_t{3};
  switch (odd ? dice_.below(4) : dice_.below(bodies)) {
  case 0: return text + "\r\n";
  case 1: {
    const std::string body(dice_.below(20), 'b');
    return text + framing_header(body.size()) + "\r\n" + body;
  }
  case 2: return text.append("Transfer-Encoding: chunked\r\n\r\n") + chunks();
  default:
    return text.append(dice_.pick(names_of_coding)).append(":").append(dice_.pick(codings)).append("\r\n") +
           (dice_.one_in(2) ? framing_header(5) : "") + "\r\n" + chunks();
  }
}

std::string stream_maker::header() {
  return std::string(dice_.pick(others)).append(dice_.one_in(20) ? dice_.pick(ends) : "\r\n"sv);
}

std::string stream_maker::framing_header(std::size_t body_size) {
  const auto right = std::to_string(body_size);
  const std::string lengths[] = {
      right,
      right,
      right,
      right,
      right,
      right,
      "0" + right,
      "+" + right,
      "-" + right,
      right + ",",
      right + ", " + right,
      "0x" + right,
      right + ".0",
      right + " 0",
      "",
      "18446744073709551616",
      "1" + right,
      right + "\r\nContent-Length: " + right};
  const auto name = dice_.one_in(4) ? dice_.pick(names_of_length) : names_of_length[0];
  return std::string(name) + ": " + (dice_.one_in(4) ? dice_.pick(lengths) : right) + "\r\n";
}

std::string stream_maker::chunks() {
  std::string text;
  for (auto left = dice_.below(3); left > 0; --left) {
    const auto size = 1 + dice_.below(20);
    text += (dice_.one_in(10) ? "00" : "") + hex_of(size, dice_.one_in(2));
    text.append(dice_.pick(extensions)).append(dice_.one_in(15) ? dice_.pick(ends) : "\r\n"sv);
    text.append(std::string(size, 'c')).append(dice_.one_in(15) ? dice_.pick(ends) : "\r\n"sv);
  }
  text.append(dice_.one_in(10) ? "000" : "0")
      .append(dice_.pick(extensions))
      .append(dice_.one_in(15) ? dice_.pick(ends) : "\r\n"sv);
  text.append(dice_.pick(trailers)).append(dice_.one_in(15) ? dice_.pick(ends) : "\r\n"sv);
  return text;
}

void stream_maker::damage(std::string& stream) {
  if (stream.empty()) return;
  const auto at = dice_.below(stream.size());
  switch (dice_.below(6)) {
  case 0: stream[at] = static_cast<char>(dice_.below(256)); return;
  case 1: stream.erase(at, 1 + dice_.below(3)); return;
  case 2: stream.insert(at, dice_.pick(splinters)); return;
  case 3: { // at a place where something ends
    const auto end = stream.find_first_of("\r\n:,; ", at);
    stream.insert(std::min(end, stream.size()), dice_.pick(splinters));
    return;
  }
  case 4: { // a part once more
    const auto part = stream.substr(at, 1 + dice_.below(30));
    stream.insert(dice_.below(stream.size()), part);
    return;
  }
  default: stream.resize(at + 1); return;
  }
}

} // namespace tessera::test
