#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>

namespace tessera::http {

namespace asio = boost::asio;

// Concrete executors throughout: the type-erased default costs a third of a small request.
using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, executor>;
using tcp_acceptor = asio::basic_socket_acceptor<asio::ip::tcp, executor>;
using steady_timer = asio::
    basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, executor>;
using descriptor = asio::posix::basic_stream_descriptor<executor>;
using use_awaitable_t = asio::use_awaitable_t<executor>;
template <class T> using awaitable = asio::awaitable<T, executor>;
using boost::system::error_code;

constexpr use_awaitable_t awaited{};

/// A coroutine that waits until somebody on its own loop says so. One waiter at a time.
class wake_up {
public:
  awaitable<void> wait() {
    return asio::async_initiate<const use_awaitable_t, void()>(
        [this](waiter resume) { waiter_.emplace(std::move(resume)); }, awaited
    );
  }
  bool waiting() const { return waiter_.has_value(); }
  /// Resumes the coroutine inside of this call, if it waits.
  void operator()() {
    if (!waiter_) return;
    auto resumed = std::move(*waiter_);
    waiter_.reset();
    resumed();
  }

private:
  using waiter = asio::async_result<use_awaitable_t, void()>::handler_type;
  std::optional<waiter> waiter_;
};

} // namespace tessera::http
