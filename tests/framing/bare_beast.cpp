#include "tests/framing/sight.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace tessera::test {

namespace beast_http = boost::beast::http;

sight look_without_gate(std::string_view bytes) {
  sight seen;
  while (!bytes.empty()) {
    beast_http::request_parser<beast_http::string_body> parser;
    boost::beast::error_code error;
    parser.eager(true);
    bytes.remove_prefix(parser.put(boost::asio::const_buffer{bytes.data(), bytes.size()}, error));
    if (!parser.is_done()) {
      seen.refused = error && error != beast_http::error::need_more;
      break;
    }
    const auto& read = parser.get();
    seen.requests.push_back({std::string(read.method_string()), std::string(read.target()), {}, read.body()});
    if (!read.keep_alive()) break;
  }
  return seen;
}

} // namespace tessera::test
