#include "http/server/connection.hpp"

#include <boost/asio/socket_base.hpp>
#include <spdlog/spdlog.h>

#include <array>
#include <charconv>

// A body that is fetched while it is written: one piece in memory, and the next one only when the client has
// taken the one before. A client that is too slow is dropped as everywhere (`send_rest`).

namespace tessera::http {

namespace {

/// The piece as it goes over the wire. A piece without bytes would be the last chunk.
void append_chunk(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  std::array<char, 16> digits;
  out.append(
      digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr
  );
  out.append("\r\n").append(bytes).append("\r\n");
}

} // namespace

/// False when the connection must end: the client is gone or too slow, or the body can't be finished. Then
/// the last chunk is missing, so that nobody takes a part for the whole.
awaitable<bool> connection::send_stream() {
  const bool chunked = gate_.head().minor_version != 0;
  for (bool last = false; !last;) {
    if (!co_await fetch_piece()) {
      if (!chunked) reset();
      co_return false;
    }
    last = piece_->last;
    if (chunked)
      append_chunk(unsent_, piece_->bytes);
    else
      unsent_ = std::move(piece_->bytes);
    piece_.reset();
    if (chunked && last) unsent_.append("0\r\n\r\n");
    if (!co_await send_rest()) co_return false;
  }
  co_return true;
}

/// Waits for the next piece, for as long as a client may take for its header. False when none comes.
awaitable<bool> connection::fetch_piece() {
  piece_missing_ = true;
  try {
    stream_->next([self = shared_from_this(), serial = serial_](std::optional<body_stream::piece> piece) {
      self->piece_arrived(serial, std::move(piece));
    });
  } catch (const std::exception& error) {
    spdlog::error("http: a streamed body threw: {} [{}]", error.what(), request_.log_name());
    co_return false;
  }
  deadline_us_ = steady_us() + loop_->options().header_timeout.count() * 1000;
  expired_ = false;
  paused_ = true;
  while (piece_missing_ && !expired_ && !aborted_) // a drain wakes it for nothing
    co_await wake_.wait();
  paused_ = false;
  deadline_us_ = 0;
  if (!piece_ && !aborted_) spdlog::warn("http: a streamed body was cut off [{}]", request_.log_name());
  co_return piece_.has_value() && !aborted_;
}

void connection::end_stream() {
  if (std::exchange(streaming_, false)) loop_->end_stream(stream_->owner());
  stream_.reset();
  piece_.reset();
}

/// In HTTP/1.0 the end of the connection is the end of the body: only a reset says that it is not.
void connection::reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  socket_.close(ignored);
}

void connection::piece_arrived(std::uint64_t serial, std::optional<body_stream::piece> piece) {
  if (serial != serial_ || !piece_missing_) return;
  piece_missing_ = false;
  piece_ = std::move(piece);
  if (paused_) wake_();
}

} // namespace tessera::http
