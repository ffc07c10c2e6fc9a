#include "tools/tessera/http_call.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <exception>
#include <stdexcept>

namespace tessera::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

beast::http::request<beast::http::string_body> request_of(const http_call& call) {
  beast::http::request<beast::http::string_body> request;
  request.version(11);
  request.method_string(call.method);
  request.target(call.target);
  request.set(beast::http::field::host, call.host);
  request.set(beast::http::field::connection, "close");
  for (const auto& [name, value] : call.headers)
    request.set(name, value);
  request.body() = call.body;
  request.prepare_payload();
  return request;
}

asio::awaitable<http_answer> exchange(const http_call& call) {
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  stream.expires_after(call.limit);
  co_await stream.async_connect(
      co_await resolver.async_resolve(call.host, call.port, asio::use_awaitable), asio::use_awaitable
  );
  const auto request = request_of(call);
  co_await beast::http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  beast::http::response<beast::http::string_body> answer;
  co_await beast::http::async_read(stream, buffer, answer, asio::use_awaitable);
  co_return http_answer{answer.result_int(), answer.body()};
}

} // namespace

/// Only asynchronous operations have a time limit: the thread waits for all of them together.
http_answer send(const http_call& call) {
  http_answer told;
  std::exception_ptr failed;
  bool finished = false;
  asio::io_context io;
  asio::co_spawn(io, exchange(call), [&](std::exception_ptr why, http_answer answer) {
    finished = true;
    failed = std::move(why);
    told = std::move(answer);
  });
  io.run_for(call.limit);
  if (failed) std::rethrow_exception(failed);
  if (!finished)
    throw std::runtime_error(
        call.target + " was not answered within " + std::to_string(call.limit.count()) + " ms"
    );
  return told;
}

} // namespace tessera::cli
