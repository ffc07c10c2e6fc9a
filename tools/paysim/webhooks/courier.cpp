#include "tools/paysim/webhooks/courier.hpp"

#include <curl/curl.h>
#include <memory>

namespace tessera::paysim {

namespace {

constexpr long longest_answer_ms = 10'000;

struct end_transfer {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct end_list {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t forget(char*, std::size_t, std::size_t count, void*) {
  return count;
}

int end_when_stopping(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const std::atomic<bool>*>(of) ? 1 : 0;
}

/// Returns the status of the answer, 0 when there is none. The handle keeps the connection for the next one.
unsigned post(CURL* handle, const webhook_attempt& attempt, std::atomic<bool>& stopping) {
  std::unique_ptr<curl_slist, end_list> headers(
      curl_slist_append(nullptr, "Content-Type: application/json; charset=utf-8")
  );
  curl_slist_append(headers.get(), ("Stripe-Signature: " + attempt.signature).c_str());
  curl_slist_append(headers.get(), "Expect:");
  curl_easy_reset(handle);
  curl_easy_setopt(handle, CURLOPT_URL, attempt.url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_PROXY, ""); // a service under test is on this machine
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, attempt.body.data());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(attempt.body.size()));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, longest_answer_ms);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_USERAGENT, "Stripe/1.0 (paysim)");
  curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, end_when_stopping);
  curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &stopping);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, forget);
  if (curl_easy_perform(handle) != CURLE_OK) return 0;
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<unsigned>(status);
}

} // namespace

courier::courier(unsigned threads, receiver done) : done_(std::move(done)) {
  static const auto begun = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (begun != CURLE_OK) throw std::runtime_error("libcurl can't be used");
  for (unsigned at = 0; at < threads; ++at)
    threads_.emplace_back([this] { run(); });
}

courier::~courier() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& each : threads_)
    each.join();
}

void courier::send(webhook_attempt attempt) {
  {
    const std::lock_guard lock{mutex_};
    queue_.push_back(std::move(attempt));
  }
  changed_.notify_one();
}

void courier::run() {
  const std::unique_ptr<CURL, end_transfer> handle(curl_easy_init());
  while (handle) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const auto next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    done_(next.id, post(handle.get(), next, stopping_));
  }
}

} // namespace tessera::paysim
