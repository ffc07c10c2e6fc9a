#pragma once

#include "http/server/server.hpp"
#include "raw_client.hpp"

#include <gmock/gmock.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tessera::http::test {

inline std::string get(const std::string& path, const std::string& headers = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}

inline std::string post(const std::string& path, const std::string& body, const std::string& headers = {}) {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

/// A server on a free port with routes that answer at once, later, never or by throwing.
class ServerTest : public testing::Test {
protected:
  ~ServerTest() override { stop(); }

  void start(server_options options = {});
  void stop();
  raw_client connect() { return raw_client{server_->port()}; }
  const server_statistics& statistics() { return server_->statistics(); }

  /// Waits until so many requests wait in /later.
  void await_waiting(std::size_t count);
  /// Answers all of them, each on its loop.
  void release();

  std::vector<io_loop*> loops_;
  std::unique_ptr<server> server_;

private:
  struct waiting_request {
    io_loop* loop;
    responder respond;
  };
  std::vector<route> routes();

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<waiting_request> waiting_;
};

} // namespace tessera::http::test
