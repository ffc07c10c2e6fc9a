#pragma once

#include "http/server/chunks.hpp"
#include "http/server/framing.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::http {

/// Beast's parser behind the framing gate: reads the same bytes once more and must come to the same end. It
/// stores no headers: those are the gate's. Chunks are read by `chunk_reader`: Beast takes forms of them that
/// other parsers do not, and asserts that the last one does not arrive byte by byte.
class decoder final : public boost::beast::http::basic_parser<true> {
public:
  using progress = chunk_reader::progress;

  /// `body` takes what does not arrive in one piece; `limit` is the route's, in bytes.
  decoder(std::string& body, std::uint64_t limit);

  /// Gives the parser more bytes; `used` is how many of them belong to this request and need not be given
  /// again. With `lasting` the bytes stay where they are until the request is answered, so a body that is
  /// there in one piece is not copied.
  progress feed(std::string_view bytes, std::size_t& used, bool lasting);

  std::string_view body() const { return in_place_.empty() ? std::string_view{body_} : in_place_; }

private:
  using text = boost::beast::string_view;
  using field = boost::beast::http::field;
  using failure = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, text, text, int, failure& error) override;
  void on_response_impl(int, text, int, failure&) override {}
  void on_field_impl(field name, text, text, failure& error) override;
  void on_header_impl(failure&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, failure&) override;
  std::size_t on_body_impl(text piece, failure&) override;
  void on_chunk_header_impl(std::uint64_t, text, failure&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, text, failure&) override { return 0; }
  void on_finish_impl(failure&) override {}

  bool in_chunks() const { return is_header_done() && chunked(); }

  std::string& body_;
  std::string_view in_place_;
  std::uint64_t length_ = 0;
  chunk_reader chunks_;
  bool lasting_ = false;
};

} // namespace tessera::http
