#include "actors/providers/transfer.hpp"

#include "actors/providers/public_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <cstring>
#include <netinet/in.h>
#include <new>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <utility>

namespace tessera {

namespace {

constexpr std::size_t most_header_bytes = 64 * 1024;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && blank(text.back()))
    text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

/// `192.0.2.1` or `2001:db8::1`; empty where it is neither.
std::string text_of(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  }
  return text;
}

outgoing_failure failure_of(CURLcode code, CURL* handle) {
  switch (code) {
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_URL_MALFORMAT: return outgoing_failure::refused_address;
  case CURLE_COULDNT_RESOLVE_PROXY:
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_CONNECT:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE: return outgoing_failure::not_connected;
  case CURLE_OPERATION_TIMEDOUT: break;
  default: return outgoing_failure::lost;
  }
  // Before the request went out nothing can have happened there.
  curl_off_t sent = 0;
  curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &sent);
  return sent == 0 ? outgoing_failure::not_connected : outgoing_failure::timed_out;
}

} // namespace

void begin_curl_once() {
  static const auto begun = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (begun != CURLE_OK) throw std::runtime_error("libcurl can't be used");
}

transfer::transfer(outgoing_request request, outgoing_done done, instant now)
    : request_(std::move(request)), done_(std::move(done)), until_(now + request_.whole_limit),
      easy_(curl_easy_init()) {
  if (!easy_) throw std::bad_alloc();
  due = now;
  for (const auto& [name, value] : request_.headers) {
    auto* longer = curl_slist_append(headers_.get(), (name + ": " + value).c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }
}

void transfer::prepare(std::chrono::milliseconds left) {
  ++attempts_;
  answer_ = {};
  header_bytes_ = 0;
  refused_ = too_long_ = false;
  curl_easy_reset(easy_.get());
  describe();
  describe_policy();
  listen();
  const auto limit = std::min(request_.attempt_limit, left);
  curl_easy_setopt(easy_.get(), CURLOPT_TIMEOUT_MS, std::max<long>(1, static_cast<long>(limit.count())));
  curl_easy_setopt(easy_.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_limit.count()));
}

void transfer::describe() {
  auto* const h = easy_.get();
  curl_easy_setopt(h, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(h, CURLOPT_USERAGENT, "tessera");
  curl_easy_setopt(h, CURLOPT_PRIVATE, this);
  if (request_.method == "POST" || !request_.body.empty()) {
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, request_.body.c_str());
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  }
  curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  // What a kept connection loses before the first byte of an answer libcurl sends again by itself: what may
  // not arrive twice has a connection of its own. Webhooks may, and know it by their id.
  if (request_.attempts == 1 && request_.method == "POST" && !request_.public_addresses_only) {
    curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
  }
}

void transfer::describe_policy() {
  auto* const h = easy_.get();
  const bool is_secured = request_.url.starts_with("https:");
  curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, is_secured ? "https" : "http");
  curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
  // A proxy would choose the address for us; and this machine is never behind one.
  if (request_.public_addresses_only || !is_secured) curl_easy_setopt(h, CURLOPT_PROXY, "");
  curl_easy_setopt(h, CURLOPT_QUICK_EXIT, 1L); // the end does not wait for a name server that is away
  curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
  if (!request_.public_addresses_only) return;
  curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, on_socket);
  curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, this);
  // Once more before anything is sent: a kept connection may have been made without the policy.
  curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, on_connected);
  curl_easy_setopt(h, CURLOPT_PREREQDATA, this);
}

void transfer::listen() {
  auto* const h = easy_.get();
  curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(h, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(h, CURLOPT_HEADERDATA, this);
}

std::size_t transfer::on_body(char* bytes, std::size_t, std::size_t count, void* of) {
  auto& self = *static_cast<transfer*>(of);
  if (count > self.request_.most_bytes - self.answer_.body.size()) {
    self.too_long_ = true;
    return CURL_WRITEFUNC_ERROR;
  }
  self.answer_.body.append(bytes, count);
  return count;
}

std::size_t transfer::on_header(char* bytes, std::size_t, std::size_t count, void* of) {
  auto& self = *static_cast<transfer*>(of);
  const std::string_view line(bytes, count);
  if ((self.header_bytes_ += count) > most_header_bytes) {
    self.too_long_ = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) self.answer_.headers.clear(); // what a 100 said is not the answer's
  const auto colon = line.find(':');
  if (colon != line.npos)
    self.answer_.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  return count;
}

bool transfer::admits(std::string_view address) const {
  return request_.admits ? request_.admits(address) : is_public_address(address);
}

curl_socket_t transfer::on_socket(void* of, curlsocktype, curl_sockaddr* address) {
  if (!static_cast<transfer*>(of)->admits(text_of(address->addr))) {
    static_cast<transfer*>(of)->refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int transfer::on_connected(void* of, char* ip, char*, int, int) {
  if (static_cast<transfer*>(of)->admits(ip)) return CURL_PREREQFUNC_OK;
  static_cast<transfer*>(of)->refused_ = true;
  return CURL_PREREQFUNC_ABORT;
}

outgoing_outcome transfer::outcome(CURLcode code) {
  outgoing_outcome made;
  made.attempts = attempts_;
  long status = 0;
  if (code == CURLE_OK) {
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    made.answer = std::move(answer_);
    made.answer.status = static_cast<int>(status);
    return made;
  }
  // Whoever does not want the body may judge by that.
  if (too_long_) curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  made.answer.status = static_cast<int>(status);
  made.failure = refused_    ? outgoing_failure::refused_address
                 : too_long_ ? outgoing_failure::too_long
                             : failure_of(code, easy_.get());
  made.why = refused_    ? "the address is not public"
             : too_long_ ? "the answer is longer than allowed"
                         : curl_easy_strerror(code);
  return made;
}

void transfer::finish(outgoing_outcome outcome) {
  done_(std::move(outcome));
}

} // namespace tessera
