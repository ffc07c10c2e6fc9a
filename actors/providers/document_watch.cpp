#include "actors/providers/document_watch.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <pthread.h>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

/// The address for the log: what follows may be somebody's secret.
std::string_view without_query(std::string_view url) {
  return url.substr(0, url.find('?'));
}

} // namespace

document_watch::document_watch(std::vector<watched_document> documents, fetcher fetch)
    : fetch_(std::move(fetch)) {
  for (auto& one : documents)
    watched_.push_back({std::move(one), refresh_times(steady::now())});
  if (!watched_.empty()) thread_ = std::thread([this] { run(); });
}

document_watch::~document_watch() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void document_watch::wish(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(watched_.begin(), watched_.end(), [&](const watched& one) {
    return one.document.name == name;
  });
  if (found == watched_.end()) return;
  const auto due = found->times.due();
  found->times.wish(steady::now());
  if (found->times.due() < due) changed_.notify_all();
}

void document_watch::run() {
  pthread_setname_np(pthread_self(), "document-watch");
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    auto& next = *std::min_element(watched_.begin(), watched_.end(), [](const auto& one, const auto& other) {
      return one.times.due() < other.times.due();
    });
    if (const auto due = next.times.due(); steady::now() < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    next.times.begin(steady::now());
    lock.unlock();
    const bool good = refresh(next);
    lock.lock();
    next.times.end(steady::now(), good);
  }
}

bool document_watch::refresh(watched& one) {
  const auto& [name, url, take] = one.document;
  ++statistics_.fetches;
  try {
    take(fetch_(url, [this] { return stopped_.load(); }));
    if (!one.is_good) spdlog::info("fetched {} for {}", without_query(url), name);
    one.is_good = true;
  } catch (const std::exception& why) {
    one.is_good = false;
    if (stopped_) return false;
    ++statistics_.failures;
    spdlog::warn("{} can't be fetched for {}: {}", without_query(url), name, why.what());
  }
  return one.is_good;
}

} // namespace tessera
