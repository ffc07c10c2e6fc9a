#include "http/server/connection.hpp"
#include "http/server/pace.hpp"

#include <algorithm>
#include <cstring>

// What a connection does when bytes are not there yet or not wanted any more: the slow side of
// `connection.cpp`.

namespace tessera::http {

namespace {

constexpr std::size_t read_piece = 16 * 1024;      // bytes of a body read at once
constexpr std::size_t most_lingering = 256 * 1024; // bytes
constexpr std::int64_t linger_us = 1'000'000;
constexpr std::int64_t pause_us = 800'000; // with the tick still less than the shortest Retry-After
constexpr unsigned most_doublings = 2;     // for whom Retry-After means nothing

} // namespace

void recycle(std::string& text) {
  if (text.capacity() > 4'096)
    text = {};
  else
    text.clear();
}

framing_refusal timed_out() {
  return {408, "request_timeout", "The request did not arrive in time."};
}

/// Reads the rest of the body into pieces of its own: the views of the request point into `input_`.
awaitable<bool> connection::read_body(decoder::progress progress) {
  const auto piece = std::make_unique_for_overwrite<char[]>(read_piece);
  auto held = input_.size() - used_; // at most the line of a chunk that is not complete
  if (held <= read_piece)
    std::memcpy(piece.get(), input_.view().data() + used_, held);
  else if (progress == decoder::progress::need_more) // what was refused is refused for its own reason
    progress = decoder::progress::malformed;
  if (gate_.head().expects_continue && input_.size() == gate_.head().size) {
    unsent_ = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await send_rest()) co_return false;
  }
  used_ = input_.size();
  pace rate{loop_->options()};
  while (progress == decoder::progress::need_more) {
    if (held == read_piece) {
      progress = decoder::progress::malformed;
      break;
    }
    deadline_us_ = rate.deadline_us();
    expired_ = false;
    error_code error;
    const auto count = co_await socket_.async_read_some(
        asio::buffer(piece.get() + held, read_piece - held), asio::redirect_error(awaited, error)
    );
    deadline_us_ = 0;
    if (error && expired_) co_await refuse(timed_out());
    if (error) co_return false;
    rate.moved(count);
    held += count;
    std::size_t used = 0;
    progress = decoder_->feed({piece.get(), held}, used, false);
    held -= used;
    std::memmove(piece.get(), piece.get() + used, held);
  }
  if (progress == decoder::progress::too_large)
    co_await refuse({413, "body_too_large", "The body is larger than the path takes."});
  if (progress == decoder::progress::malformed)
    co_await refuse({400, "malformed_request", "The body is not well framed."});
  behind_body_.assign(piece.get(), held);
  request_.body = decoder_->body();
  co_return progress == decoder::progress::done;
}

/// False when the client is gone or reads too slowly.
awaitable<bool> connection::send_rest() {
  pace rate{loop_->options()};
  for (std::size_t done = 0; done < unsent_.size();) {
    deadline_us_ = rate.deadline_us();
    error_code error;
    const auto count = co_await socket_.async_write_some(
        asio::buffer(unsent_.data() + done, unsent_.size() - done), asio::redirect_error(awaited, error)
    );
    deadline_us_ = 0;
    if (error) co_return false;
    rate.moved(count);
    done += count;
  }
  recycle(unsent_);
  co_return true;
}

/// Reads over what is left of a body.
awaitable<bool> connection::discard(std::uint64_t bytes) {
  const auto piece = std::make_unique_for_overwrite<char[]>(read_piece);
  pace rate{loop_->options()};
  while (bytes > 0) {
    deadline_us_ = rate.deadline_us();
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, read_piece));
    error_code error;
    const auto count = co_await socket_.async_read_some(
        asio::buffer(piece.get(), wanted), asio::redirect_error(awaited, error)
    );
    deadline_us_ = 0;
    if (error) co_return false;
    rate.moved(count);
    bytes -= count;
  }
  co_return true;
}

/// A client that was refused is not read for a while: its next request waits in its own socket and costs
/// nothing. One that never waits as long as it is told is not read for longer.
awaitable<void> connection::pause() {
  if (loop_->draining() || aborted_) co_return;
  const auto longest = pause_us << std::min(offences_, most_doublings);
  deadline_us_ = steady_us() + longest / 2 + loop_->jitter(static_cast<std::uint32_t>(longest / 2));
  paused_ = true;
  loop_->client_held_back();
  co_await wake_.wait();
  loop_->client_let_go();
  paused_ = false;
  deadline_us_ = 0;
}

/// Whether the client has sent something that is not read yet.
bool connection::has_more() const {
  error_code error;
  return !input_.empty() || socket_.available(error) > 0;
}

/// Closing a socket with unread bytes resets the connection and may destroy the answer on its way. So only
/// our side is closed, and what still arrives is thrown away for a moment.
awaitable<void> connection::linger() {
  const auto piece = std::make_unique_for_overwrite<char[]>(read_piece);
  error_code error;
  socket_.shutdown(tcp_socket::shutdown_send, error);
  deadline_us_ = steady_us() + linger_us;
  for (std::size_t thrown = 0; !error && thrown < most_lingering;)
    thrown += co_await socket_.async_read_some(
        asio::buffer(piece.get(), read_piece), asio::redirect_error(awaited, error)
    );
  deadline_us_ = 0;
}

} // namespace tessera::http
