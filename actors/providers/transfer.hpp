#pragma once

#include "actors/providers/outgoing.hpp"

#include <chrono>
#include <curl/curl.h>
#include <memory>
#include <string>

namespace tessera {

/// The process's part of libcurl. Throws std::runtime_error when there is none.
void begin_curl_once();

/// One request on its way: an easy handle and what its callbacks write. Of one thread.
class transfer {
public:
  using instant = std::chrono::steady_clock::time_point;

  transfer(outgoing_request request, outgoing_done done, instant now);

  /// Makes a new attempt ready: from then on `handle` may be added to a multi handle. It has `left` at most.
  void prepare(std::chrono::milliseconds left);
  CURL* handle() const { return easy_.get(); }
  const outgoing_request& request() const { return request_; }
  instant until() const { return until_; }

  /// What came of the attempt.
  outgoing_outcome outcome(CURLcode code);
  void finish(outgoing_outcome outcome);

  instant due{}; // when the next attempt begins

private:
  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* of);
  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* of);
  static curl_socket_t on_socket(void* of, curlsocktype, curl_sockaddr* address);
  static int on_connected(void* of, char* ip, char*, int, int);
  void describe();
  void describe_policy();
  void listen();

  struct end_easy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct end_list {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  outgoing_request request_;
  outgoing_done done_;
  instant until_;
  int attempts_ = 0;
  std::unique_ptr<CURL, end_easy> easy_;
  std::unique_ptr<curl_slist, end_list> headers_;

  // Of the attempt.
  outgoing_answer answer_;
  std::size_t header_bytes_ = 0;
  bool refused_ = false;
  bool too_long_ = false;
};

} // namespace tessera
