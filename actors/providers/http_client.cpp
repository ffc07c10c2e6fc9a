#include "actors/providers/http_client.hpp"

#include "actors/providers/retry_rules.hpp"
#include "actors/providers/transfer.hpp"
#include "actors/support/fetchable_address.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <new>
#include <pthread.h>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct end_multi {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};

milliseconds until(steady::time_point then) {
  return std::chrono::ceil<milliseconds>(then - steady::now());
}

outgoing_outcome failed(outgoing_failure how, std::string why) {
  outgoing_outcome outcome;
  outcome.failure = how;
  outcome.why = std::move(why);
  return outcome;
}

} // namespace

class http_client::implementation {
public:
  explicit implementation(http_client_options options) : options_(options) {
    begin_curl_once();
    multi_.reset(curl_multi_init());
    if (!multi_) throw std::bad_alloc();
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, options_.max_connections);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, options_.max_connections_of_a_host);
    thread_ = std::thread([this] { run(); });
  }

  ~implementation() { stop(); }

  void stop() {
    {
      const std::lock_guard lock(mutex_); // or one that is just sent would be forgotten
      stopped_ = true;
    }
    curl_multi_wakeup(multi_.get());
    if (thread_.joinable()) thread_.join();
  }

  void send(outgoing_request request, outgoing_done done) {
    ++statistics_.requests;
    if (!is_fetchable(request.url) && !(request.plain_anywhere && request.url.starts_with("http://"))) {
      ++statistics_.failures;
      return done(failed(outgoing_failure::refused_address, "nothing is sent to such an address"));
    }
    {
      const std::lock_guard lock(mutex_);
      if (!stopped_ && count_ < options_.max_queued) {
        ++count_;
        fresh_.push_back(std::make_unique<transfer>(std::move(request), std::move(done), steady::now()));
        curl_multi_wakeup(multi_.get());
        return;
      }
    }
    ++statistics_.failures;
    done(failed(outgoing_failure::stopped, "too much is queued"));
  }

  const http_client_statistics& statistics() const { return statistics_; }

private:
  using owned = std::unique_ptr<transfer>;

  void run() {
    pthread_setname_np(pthread_self(), "http-client");
    while (!stopped_) {
      take_fresh();
      start_due();
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      collect();
      curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(patience().count()), nullptr);
    }
    give_up();
  }

  void take_fresh() {
    const std::lock_guard lock(mutex_);
    for (auto& one : fresh_)
      waiting_.emplace(one->due, std::move(one));
    fresh_.clear();
  }

  void start_due() {
    while (!waiting_.empty() && waiting_.begin()->first <= steady::now()) {
      auto one = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      one->prepare(until(one->until()));
      ++statistics_.attempts;
      curl_multi_add_handle(multi_.get(), one->handle());
      auto* const handle = one->handle();
      running_.emplace(handle, std::move(one));
    }
  }

  void collect() {
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      auto* const handle = message->easy_handle;
      const auto code = message->data.result; // gone with the handle
      curl_multi_remove_handle(multi_.get(), handle);
      auto ended = std::move(running_.extract(handle).mapped());
      conclude(std::move(ended), code);
    }
  }

  void conclude(owned ended, CURLcode code) {
    auto outcome = ended->outcome(code);
    const auto pause = pause_before_next(ended->request(), outcome, dice_(random_));
    if (pause && steady::now() + *pause < ended->until()) {
      ended->due = steady::now() + *pause;
      const auto due = ended->due;
      waiting_.emplace(due, std::move(ended));
      return;
    }
    tell(*ended, std::move(outcome));
  }

  void tell(transfer& ended, outgoing_outcome outcome) {
    if (!outcome.answered()) ++statistics_.failures;
    try {
      ended.finish(std::move(outcome));
    } catch (const std::exception& why) {
      spdlog::error("http-client: an answer was not taken: {}", why.what());
    }
    const std::lock_guard lock(mutex_);
    --count_;
  }

  milliseconds patience() const {
    constexpr milliseconds longest{1'000};
    if (waiting_.empty()) return longest;
    return std::clamp(until(waiting_.begin()->first), milliseconds(0), longest);
  }

  void give_up() {
    take_fresh();
    for (auto& [handle, one] : running_) {
      curl_multi_remove_handle(multi_.get(), handle);
      tell(*one, failed(outgoing_failure::stopped, "the service stops"));
    }
    for (auto& [due, one] : waiting_)
      tell(*one, failed(outgoing_failure::stopped, "the service stops"));
  }

  http_client_options options_;
  http_client_statistics statistics_;
  std::atomic<bool> stopped_{false};
  std::unique_ptr<CURLM, end_multi> multi_;

  std::mutex mutex_; // of these two
  std::vector<owned> fresh_;
  std::size_t count_ = 0;

  // Of the thread.
  std::multimap<steady::time_point, owned> waiting_;
  std::map<CURL*, owned> running_;
  std::mt19937 random_{std::random_device{}()};
  std::uniform_real_distribution<double> dice_{0, 1};
  std::thread thread_;
};

http_client::http_client(http_client_options options)
    : implementation_(std::make_unique<implementation>(options)) {}
http_client::~http_client() = default;

void http_client::send(outgoing_request request, outgoing_done done) {
  implementation_->send(std::move(request), std::move(done));
}
void http_client::stop() {
  implementation_->stop();
}
const http_client_statistics& http_client::statistics() const {
  return implementation_->statistics();
}

} // namespace tessera
