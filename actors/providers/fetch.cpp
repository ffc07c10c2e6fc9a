#include "actors/providers/fetch.hpp"

#include "actors/providers/curl_handles.hpp"
#include "actors/providers/transfer.hpp"
#include "actors/support/fetchable_address.hpp"

#include <curl/curl.h>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

namespace tessera {

namespace {

/// What the callbacks of one transfer know.
struct reading {
  const fetch_limits& limits;
  const std::function<bool()>& must_stop;
  std::string body{};
};

std::size_t keep(char* bytes, std::size_t, std::size_t count, void* of) {
  auto& now = *static_cast<reading*>(of);
  if (count > now.limits.bytes - now.body.size()) return CURL_WRITEFUNC_ERROR;
  now.body.append(bytes, count);
  return count;
}

int ask_reader_to_stop(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<reading*>(of)->must_stop() ? 1 : 0;
}

void describe(CURL* handle, const std::string& url, const reading& now) {
  const bool is_secured = url.starts_with("https:");
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, is_secured ? "https" : "http");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  // This machine is never behind a proxy.
  if (!is_secured) curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(now.limits.time.count()));
  // Or the end waits for a name server that is away, whatever the limit.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L); // signals belong to the process, which ignores SIGPIPE
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "tessera");
}

void listen_to(CURL* handle, reading& now) {
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &now);
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, ask_reader_to_stop);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &now);
}

std::string words_of(CURLcode outcome, const fetch_limits& limits) {
  if (outcome == CURLE_WRITE_ERROR) return "it is longer than " + std::to_string(limits.bytes) + " bytes";
  if (outcome == CURLE_ABORTED_BY_CALLBACK) return "the service stops";
  return curl_easy_strerror(outcome);
}

} // namespace

std::string
fetch(const std::string& url, const fetch_limits& limits, const std::function<bool()>& must_stop) {
  if (!is_fetchable(url)) throw std::runtime_error("nothing is fetched from such an address");
  begin_curl_once();
  const transfer_handle handle(curl_easy_init());
  const curl_list headers(curl_slist_append(nullptr, "Accept: application/json"));
  if (!handle || !headers) throw std::bad_alloc();
  reading now{limits, must_stop};
  describe(handle.get(), url, now);
  listen_to(handle.get(), now);
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  const auto outcome = curl_easy_perform(handle.get());
  if (outcome != CURLE_OK) throw std::runtime_error(words_of(outcome, limits));
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) throw std::runtime_error("the answer is " + std::to_string(status) + ", not 200");
  return std::move(now.body);
}

} // namespace tessera
