#include "server_fixture.hpp"

#include <stdexcept>

namespace tessera::http::test {

namespace {

std::string description(const request& request) {
  std::string text{request.method};
  text.append(" ").append(request.path).append("?").append(request.query).append("|").append(request.body);
  for (const auto parameter : request.parameters)
    text.append("|").append(parameter);
  return text.append("|").append(request.traceparent).append("|").append(request.remote_address);
}

} // namespace

void ServerTest::start(server_options options) {
  options.port = 0;
  // A slow machine must not be taken for an overloaded server, unless that is what a test wants.
  if (options.max_wait == server_options{}.max_wait) options.max_wait = std::chrono::minutes{1};
  server_ = std::make_unique<server>(options, routes(), [this](io_loop& loop) { loops_.push_back(&loop); });
  server_->start();
}

void ServerTest::stop() {
  if (server_) server_->stop();
  waiting_.clear();
}

std::vector<route> ServerTest::routes() {
  const auto echo = [](request& request, const responder& respond) {
    respond({.body = std::string{request.body}, .content_type = "text/plain"});
  };
  return {
      {"GET", "/hello", [](request&, const responder& respond) { respond({.body = "hello"}); }},
      {"GET", "/healthz", [](request&, const responder& respond) { respond({.body = "ok"}); }},
      {"GET",
       "/about/:a/:b",
       [](request& request, const responder& respond) { respond({.body = description(request)}); }},
      {"POST", "/echo", echo, 64 * 1024, ""},
      {"POST", "/json", echo, 1'000},
      {"POST", "/upload", echo, 4 * 1024 * 1024, ""},
      {"DELETE", "/echo", echo, 1'000, ""},
      {"GET",
       "/big",
       [](request&, const responder& respond) { respond({.body = std::string(16 * 1024 * 1024, 'x')}); }},
      {"GET", "/dropped", [](request&, const responder&) {}},
      {"GET", "/throwing", [](request&, const responder&) { throw std::runtime_error{"broken"}; }},
      {"GET",
       "/twice",
       [](request&, const responder& respond) {
         respond({.body = "first"});
         respond({.body = "second"});
       }},
      {"GET",
       "/later",
       [this](request&, const responder& respond) {
         const std::lock_guard lock{mutex_};
         waiting_.push_back({server::current(), respond});
         arrived_.notify_all();
       }},
  };
}

void ServerTest::await_waiting(std::size_t count) {
  std::unique_lock lock{mutex_};
  ASSERT_TRUE(arrived_.wait_for(lock, std::chrono::seconds{10}, [&] { return waiting_.size() >= count; }));
}

void ServerTest::release() {
  const std::lock_guard lock{mutex_};
  for (auto& waiting : waiting_)
    waiting.loop->post([respond = waiting.respond] { respond({.body = "late"}); });
  waiting_.clear();
}

} // namespace tessera::http::test
