#include "http/server/connection.hpp"

#include "http/server/admission.hpp"
#include "http/server/cross_origin.hpp"
#include "http/server/exchange.hpp"
#include "http/server/identity.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <array>

namespace tessera::http {

namespace {

constexpr std::size_t small_body =
    64 * 1024; // bytes; larger ones are accounted for, and not read for a refusal
constexpr std::size_t copied_body = 16 * 1024; // bytes; larger answers are not copied behind their head
constexpr unsigned most_in_a_row = 16;         // pipelined requests before other connections get their turn

std::int64_t to_us(std::chrono::milliseconds time) {
  return time.count() * 1000;
}

} // namespace

connection::connection(std::shared_ptr<io_thread> loop, tcp_socket socket, std::string remote_address)
    : loop_(std::move(loop)), socket_(std::move(socket)),
      gate_({.max_bytes = loop_->options().max_header_bytes, .max_headers = loop_->options().max_headers}) {
  request_.remote_address = std::move(remote_address);
}

void connection::start() {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  loop_->add(*this);
  asio::co_spawn(loop_->get_executor(), live(shared_from_this()), asio::detached);
}

awaitable<void> connection::live(std::shared_ptr<connection> self) {
  try {
    co_await self->run();
  } catch (const std::exception& error) {
    spdlog::error("http: a connection ended by: {}", error.what());
  }
  self->close();
}

void connection::close() {
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_both, ignored);
  socket_.close(ignored);
  if (!std::exchange(answered_, true)) loop_->request_ended();
  loop_->release_body(std::exchange(reserved_, 0));
  end_stream();
  loop_->remove(*this);
  loop_->core().connection_closed();
}

void connection::tick(std::int64_t now_us) {
  if (deadline_us_ == 0 || now_us < deadline_us_) return;
  deadline_us_ = 0;
  expired_ = true;
  error_code ignored;
  if (paused_)
    wake_();
  else
    socket_.cancel(ignored);
}

void connection::drain() {
  error_code ignored;
  if (paused_)
    wake_();
  else if (between_)
    socket_.cancel(ignored);
}

void connection::abort() {
  aborted_ = true;
  error_code ignored;
  socket_.close(ignored);
  wake_();
}

void serve_client(std::shared_ptr<io_thread> loop, tcp_socket socket, std::string remote_address) {
  std::make_shared<connection>(std::move(loop), std::move(socket), std::move(remote_address))->start();
}

/// One request after the other.
awaitable<void> connection::run() {
  bool open = true;
  while (open && !aborted_) {
    switch (gate_.read(input_.view())) {
    case framing::need_more: {
      if (!await_bytes()) co_return;
      const auto space = input_.space();
      error_code error;
      const auto count = co_await socket_.async_read_some(
          asio::buffer(space.data(), space.size()), asio::redirect_error(awaited, error)
      );
      deadline_us_ = 0;
      between_ = false;
      input_.commit(count);
      open = !error;
      if (error && expired_ && !input_.empty()) co_await refuse(timed_out());
      break;
    }
    case framing::refused:
      ++loop_->core().statistics.framing_refused;
      co_await refuse(gate_.refusal());
      co_return;
    case framing::accepted: open = co_await serve(); break;
    }
  }
}

/// Sets the deadline of the read that follows; false when there is nothing to wait for. A header block has
/// its time from its first byte on, however slowly the rest arrives; a drain does not wait for it.
bool connection::await_bytes() {
  const auto& options = loop_->options();
  const auto now = steady_us();
  in_a_row_ = 0;
  expired_ = false;
  if (loop_->draining()) return false;
  between_ = true;
  if (!input_.empty()) {
    if (head_deadline_us_ == 0) head_deadline_us_ = now + to_us(options.header_timeout);
    deadline_us_ = head_deadline_us_;
    return true;
  }
  deadline_us_ = now + to_us(serial_ == 0 ? options.header_timeout : options.idle_timeout);
  return true;
}

void connection::begin_request() {
  const auto& head = gate_.head();
  ++loop_->core().statistics.requests;
  ++serial_;
  closing_ = !head.keep_alive;
  used_ = head.size;
  request_.headers.swap(gate_.head().headers);
  request_.method = head.method;
  const auto mark = std::min(head.target.find('?'), head.target.size());
  request_.path = head.target.substr(0, mark);
  request_.query = head.target.substr(std::min(mark + 1, head.target.size()));
  request_.body = {};
  request_.received_at_us = steady_us();
  request_.owner = 0;
  const auto id = request_.header("X-Request-Id");
  if (id && is_request_id(*id))
    request_.request_id = *id;
  else
    make_request_id(request_.request_id);
  origin_ = allowed_origin(request_, loop_->options());
  const auto parent = request_.header("traceparent");
  request_.traceparent = parent && is_traceparent(*parent) ? *parent : std::string_view{};
}

/// Answers the request whose head is in `input_`. Returns whether another one may follow.
awaitable<bool> connection::serve() {
  begin_request();
  bool shed = false;
  if (auto early = judge_head(shed)) co_return co_await answer_early(std::move(*early), shed);
  const auto progress = decode_what_is_there();
  if (progress != decoder::progress::done && !co_await read_body(progress)) co_return false;

  call_route();
  if (!answered_) {
    co_await wake_.wait();
    in_a_row_ = most_in_a_row;
  }
  if (aborted_) co_return false;
  const auto written = send_answer();
  if (written == sent::nothing || (written == sent::part && !co_await send_rest())) co_return false;
  if (streaming_ && !co_await send_stream()) co_return false;
  const bool ours = gate_.head().keep_alive; // then closing is our wish, and the client may be sending
  finish_request();
  if (closing_) {
    if (ours || !input_.empty()) co_await linger();
    co_return false;
  }
  // An answer comes inside of somebody's call, and a pipelining client is not alone: let go in between.
  if (++in_a_row_ > most_in_a_row && !input_.empty()) {
    in_a_row_ = 0;
    co_await asio::post(loop_->get_executor(), awaited);
  }
  co_return true;
}

/// What the header alone is answered; nothing: the route is found, and its body may come.
std::optional<response> connection::judge_head(bool& shed) {
  shed = must_shed();
  if (shed) return to_response(overload(), request_);
  if (auto options = answer_options(loop_->core().routes, request_, origin_)) return options;
  const auto admitted = admit(loop_->core().routes, gate_.head(), request_);
  if (admitted.refusal) return to_response(*admitted.refusal, request_);
  route_ = admitted.found;
  shed = !reserve_body(*route_);
  return shed ? std::optional(to_response(overload(), request_)) : std::nullopt;
}

/// Who calls is looked at in an overload, and once before: then it is known whose calls they are.
bool connection::must_shed() {
  if (is_never_shed(request_.path)) return false;
  look_who_calls();
  return loop_->must_shed(caller_, impatient_, request_.received_at_us);
}

void connection::look_who_calls() {
  const bool overloaded = loop_->is_overloaded();
  caller_ = serial_ == 1 || overloaded ? caller_shown_by(request_) : 0;
  const auto owner = overloaded ? loop_->owner_of(caller_) : 0;
  if (owner == 0) return;
  is_shared_ = is_shared_ || (owner_ != 0 && owner_ != owner);
  owner_ = owner;
}

problem connection::overload() const {
  return {
      .status = 503,
      .code = "overloaded",
      .title = "The service has more to do than it can.",
      .retry_after_seconds = 1 + static_cast<int>(loop_->jitter(3)),
  };
}

/// Large bodies are few: together they may take a bounded part of memory. A chunked one may become as long as
/// the route allows.
bool connection::reserve_body(const route& found) {
  const auto& head = gate_.head();
  if (head.body == body_kind::none) return true;
  const auto size = head.body == body_kind::length ? head.content_length : std::uint64_t{found.body_limit};
  if (size <= small_body) return true;
  if (!loop_->reserve_body(size)) return false;
  reserved_ = size;
  return true;
}

/// A client that does not read makes us keep its answer: those count like bodies that are sent to us.
bool connection::reserve_answer(const response& answer) {
  if (answer.body.size() <= small_body) return true;
  if (!loop_->reserve_body(answer.body.size())) return false;
  reserved_ += answer.body.size();
  return true;
}

decoder::progress connection::decode_what_is_there() {
  decoder_.emplace(body_, route_->body_limit);
  const auto progress = decoder_->feed(input_.view(), used_, true);
  request_.body = decoder_->body();
  return progress;
}

void connection::call_route() {
  answered_ = impatient_ = false;
  loop_->request_started();
  auto target = std::make_shared<exchange>(shared_from_this(), serial_);
  try {
    route_->handle(request_, responder{target});
  } catch (const std::exception& error) {
    spdlog::error(
        "http: {} {} threw: {} [{}]", request_.method, route_->path, error.what(), request_.log_name()
    );
    target->fail();
  } catch (...) {
    spdlog::error("http: {} {} threw [{}]", request_.method, route_->path, request_.log_name());
    target->fail();
  }
}

void connection::answered(std::uint64_t serial, response answer) {
  if (serial != serial_ || answered_) return;
  answered_ = true;
  loop_->request_ended();
  if (caller_ != 0 && request_.owner != 0) loop_->learn(caller_, request_.owner);
  answer_ = std::move(answer);
  wake_();
}

void connection::failed(std::uint64_t serial) {
  if (serial != serial_ || answered_) return;
  const problem broken{
      .status = 500, .code = "internal_error", .title = "The service has failed at this request."};
  answered(serial, to_response(broken, request_));
}

/// Answers from the header alone. A body that is not there yet is not read, which ends the connection; after
/// shedding a small one is read over, later. Whoever asked while it was not read has waited for long, and is
/// refused once more instead of being served late; what they ask next is as good as anybody's.
awaitable<bool> connection::answer_early(response answer, bool shed) {
  const bool was_impatient = std::exchange(impatient_, false);
  const auto& head = gate_.head();
  const auto there = std::uint64_t{input_.size() - head.size};
  const auto missing = head.content_length > there ? head.content_length - there : 0;
  const bool can_follow =
      head.body != body_kind::chunked &&
      (missing == 0 || (shed && !head.expects_continue && head.content_length <= small_body));
  closing_ = closing_ || !can_follow;
  used_ = head.size + static_cast<std::size_t>(head.content_length - missing);
  if (shed) ++loop_->core().statistics.requests_shed;
  const auto written = send(answer);
  if (written == sent::nothing || (written == sent::part && !co_await send_rest())) co_return false;
  finish_request();
  if (closing_) {
    co_await linger();
    co_return false;
  }
  const bool waits = shed && !was_impatient && !is_shared_; // others' calls on it would wait as well
  if (waits) co_await pause();
  if (missing > 0 && !co_await discard(missing)) co_return false;
  impatient_ = waits && has_more();
  if (waits) offences_ = impatient_ ? offences_ + 1 : 0;
  co_return true;
}

/// Answers and ends the connection: where the next request begins is not known.
awaitable<void> connection::refuse(framing_refusal why) {
  closing_ = true;
  if (request_.request_id.empty()) make_request_id(request_.request_id);
  const problem refused{
      .status = why.status,
      .code = why.code,
      .title = "The request cannot be read.",
      .detail = std::string{why.reason},
  };
  const auto written = send(to_response(refused, request_));
  if (written == sent::nothing || (written == sent::part && !co_await send_rest())) co_return;
  co_await linger();
}

connection::sent connection::send_answer() {
  auto answer = std::exchange(answer_, {});
  if (answer.stream && request_.method != "HEAD") { // HEAD has no body to be fetched
    streaming_ = loop_->begin_stream(answer.stream->owner());
    if (streaming_)
      stream_ = answer.stream;
    else
      answer = to_response(overload(), request_);
  } else if (request_.method != "HEAD" && !reserve_answer(answer)) {
    answer = to_response(request_.method == "GET" ? overload() : untold(), request_);
    closing_ = true;
  }
  return send(answer);
}

/// What a change has done can't be told here and now.
problem connection::untold() const {
  auto why = overload();
  why.code = "outcome_unknown";
  why.title = "The outcome is unknown";
  why.detail = "The answer takes more memory than there is. Retry with the same key to learn it.";
  return why;
}

/// Writes what the socket takes at once; the rest is left in `unsent_`.
connection::sent connection::send(const response& answer) {
  const bool is_http_1_0 = gate_.head().minor_version == 0;
  closing_ =
      closing_ || loop_->draining() || (answer.stream && is_http_1_0); // then the end is the body's end
  ++loop_->core().statistics.requests_by_class[std::min(answer.status / 100, 5u)];
  const auto about_origins = loop_->options().allowed_origins.empty() ? std::string() : origin_lines(origin_);
  const reply_context context{
      .request_id = request_.request_id,
      .date = loop_->date(),
      .without_body = request_.method == "HEAD",
      .close = closing_,
      .is_http_1_0 = is_http_1_0,
      .strict_transport = loop_->options().public_base_is_https,
      .origin_lines = about_origins,
  };
  auto& out = loop_->output();
  out.clear();
  append_reply_head(out, answer, context);
  auto body = has_wire_body(answer, context) ? std::string_view{answer.body} : std::string_view{};
  if (body.size() <= copied_body) {
    out.append(body);
    body = {};
  }
  error_code error;
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(out), asio::buffer(body)};
  const auto count =
      body.empty() ? socket_.write_some(buffers[0], error) : socket_.write_some(buffers, error);
  if (error && error != asio::error::would_block && error != asio::error::try_again) return sent::nothing;
  if (count == out.size() + body.size()) return sent::all;
  unsent_.assign(std::string_view{out}.substr(std::min(count, out.size())));
  unsent_.append(body.substr(count > out.size() ? count - out.size() : 0));
  return sent::part;
}

/// Forgets the request and keeps what came behind it.
void connection::finish_request() {
  input_.consume(used_);
  if (!behind_body_.empty()) input_.append(behind_body_);
  recycle(behind_body_);
  recycle(body_);
  decoder_.reset();
  loop_->release_body(std::exchange(reserved_, 0));
  end_stream();
  request_.method = request_.path = request_.query = request_.body = {};
  request_.request_id.clear();
  origin_ = {};
  gate_.next();
  head_deadline_us_ = 0;
  input_.release();
}

} // namespace tessera::http
