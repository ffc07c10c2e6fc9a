#include "tools/tessera/api_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <stdexcept>
#include <utility>

namespace tessera::cli {

namespace beast = boost::beast;
using tcp = boost::asio::ip::tcp;

api_client::api_client(const std::string& base_url, std::string key, std::string application)
    : key_(std::move(key)), application_(std::move(application)) {
  constexpr std::string_view scheme = "http://";
  const auto colon = base_url.rfind(':');
  if (!base_url.starts_with(scheme) || colon <= scheme.size())
    throw std::runtime_error("the base URL must be http://HOST:PORT");
  host_ = base_url.substr(scheme.size(), colon - scheme.size());
  port_ = base_url.substr(colon + 1);
}

std::string
api_client::post(const std::string& path, const std::string& idempotency_key, const std::string& json) const {
  boost::asio::io_context io;
  beast::tcp_stream stream(io);
  stream.expires_after(std::chrono::seconds(10));
  stream.connect(tcp::resolver(io).resolve(host_, port_));
  beast::http::request<beast::http::string_body> request(beast::http::verb::post, path, 11, json);
  request.set(beast::http::field::host, host_);
  request.set(beast::http::field::authorization, "Bearer " + key_);
  request.set(beast::http::field::content_type, "application/json");
  request.set("X-Application", application_);
  request.set("Idempotency-Key", idempotency_key);
  request.prepare_payload();
  beast::http::write(stream, request);
  beast::flat_buffer buffer;
  beast::http::response<beast::http::string_body> response;
  beast::http::read(stream, buffer, response);
  if (response.result_int() / 100 != 2)
    throw std::runtime_error(
        path + " answered " + std::to_string(response.result_int()) + ": " + response.body()
    );
  return response.body();
}

} // namespace tessera::cli
