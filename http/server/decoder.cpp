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

decoder::decoder(std::string& body, std::uint64_t limit) : body_(body), chunks_(limit) {
  body_.clear();
  body_limit(limit);
  header_limit(64 * 1024); // the gate's limit is the one that counts
  eager(false);            // it stops behind the head: chunks are not for it
}

decoder::progress decoder::feed(std::string_view bytes, std::size_t& used, bool lasting) {
  lasting_ = lasting;
  used = 0;
  failure error;
  while (!is_done() && !in_chunks() && used < bytes.size()) {
    const auto rest = bytes.substr(used);
    const auto taken = put(boost::asio::const_buffer{rest.data(), rest.size()}, error);
    used += taken;
    if (error == beast_http::error::need_more) break;
    if (error == beast_http::error::body_limit) return progress::too_large;
    if (error) return progress::malformed;
    if (taken == 0) break;
  }
  if (!in_chunks()) return is_done() ? progress::done : progress::need_more;
  std::size_t of_chunks = 0;
  const auto read = chunks_.feed(bytes.substr(used), of_chunks, body_);
  used += of_chunks;
  return read;
}

void decoder::on_request_impl(beast_http::verb, text, text, int, failure& error) {
  error = {};
}

void decoder::on_field_impl(field, text, text, failure& error) {
  error = {};
}

void decoder::on_body_init_impl(const boost::optional<std::uint64_t>& length, failure& error) {
  error = {};
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

} // namespace tessera::http
