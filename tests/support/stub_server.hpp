#pragma once

#include "tests/support/http_client.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tessera::test {

struct stub_answer {
  int status = 200;
  std::string body{};
  header_list headers{};
  bool is_silent = false; // the request is taken and never answered
};

/// An HTTP server on loopback that answers what it is told, counts who asks, and can be away. One connection
/// at a time, each for one request.
class stub_server {
public:
  stub_server();
  ~stub_server();
  stub_server(const stub_server&) = delete;

  std::string url(const std::string& path) const;
  /// What stands at a path from now on; where nothing stands it is 404.
  void answer(const std::string& path, stub_answer with);
  /// What the next ones who ask are told, in this order; the last one stands from then on.
  void answer_in_turn(const std::string& path, std::vector<stub_answer> with);
  /// The whole head of the last request.
  std::string last_head() const;
  /// While it is away it hangs up on whoever comes, and does not count them.
  void set_away(bool away);
  int asked(const std::string& path) const;

private:
  void run();
  void serve(int connection);

  int listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<stub_answer>> answers_; // the next one first
  std::string last_head_;
  std::map<std::string, int> asked_;
  bool away_ = false;
  std::vector<int> silent_; // connections that are kept and get nothing
  std::thread thread_;
};

} // namespace tessera::test
