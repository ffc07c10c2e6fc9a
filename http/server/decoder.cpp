#include "http/server/decoder.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

namespace tessera::http {

namespace beast_http = boost::beast::http;

namespace {

constexpr std::uint64_t first_reservation = 256 * 1024; // a length that is only claimed gets no more

} // namespace

decoder::decoder(std::string& body, std::uint64_t limit)
    : body_(body),
      // Chunks of one byte cost six on the wire; more than that is a client that wants to keep us busy.
      chunked_bytes_left_(limit * 8 + 64 * 1024) {
  body_.clear();
  body_limit(limit);
  header_limit(64 * 1024); // the gate's limit is the one that counts
  eager(true);
}

decoder::progress decoder::feed(std::string_view bytes, std::size_t& used, bool lasting) {
  lasting_ = lasting;
  used = 0;
  failure error;
  while (!is_done() && used < bytes.size()) {
    const auto rest = bytes.substr(used);
    const auto taken = put(boost::asio::const_buffer{rest.data(), rest.size()}, error);
    used += taken;
    if (error == beast_http::error::need_more) break;
    if (error == beast_http::error::body_limit) return progress::too_large;
    if (error) return progress::malformed;
    if (taken == 0) break;
  }
  if (is_done()) return progress::done;
  if (chunked() && used > chunked_bytes_left_) return progress::malformed;
  chunked_bytes_left_ -= chunked() ? used : 0;
  return progress::need_more;
}

void decoder::on_request_impl(beast_http::verb, text, text, int, failure& error) {
  error = {};
}

/// Behind the body these are trailers: a length or coding there would be a second reading of the same
/// message.
void decoder::on_field_impl(field name, text, text, failure& error) {
  error = {};
  if (!in_body_) return;
  if (name == field::content_length || name == field::transfer_encoding || name == field::host)
    error = beast_http::error::bad_field;
}

void decoder::on_body_init_impl(const boost::optional<std::uint64_t>& length, failure& error) {
  error = {};
  in_body_ = true;
  length_ = length.value_or(0);
  if (length_ > 0) body_.reserve(std::min(length_, first_reservation));
}

std::size_t decoder::on_body_impl(text piece, failure& error) {
  error = {};
  if (lasting_ && piece.size() == length_)
    in_place_ = {piece.data(), piece.size()};
  else
    body_.append(piece.data(), piece.size());
  return piece.size();
}

std::size_t decoder::on_chunk_body_impl(std::uint64_t, text piece, failure& error) {
  error = {};
  body_.append(piece.data(), piece.size());
  return piece.size();
}

} // namespace tessera::http
