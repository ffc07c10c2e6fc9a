#pragma once

#include "actors/providers/refresh_times.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tessera {

/// Something at an address of which a fresh copy is kept.
struct watched_document {
  std::string name; // unique
  std::string url;
  /// Gets each copy. Throws std::exception when it is of no use.
  std::function<void(const std::string& text)> take;
};

struct watch_statistics {
  std::atomic<std::uint64_t> fetches{0};
  std::atomic<std::uint64_t> failures{0}; // of those
};

/// Fetches documents again and again (`refresh_times`) on a thread of its own, one after another: one that
/// doesn't answer holds up the others by the time that its fetch may take. What can't be had, or is of no
/// use, is logged, and whoever takes it keeps what they have.
class document_watch {
public:
  /// Waits for the answer, or throws std::exception; gives up when `must_stop` says so.
  using fetcher = std::function<std::string(const std::string& url, const std::function<bool()>& must_stop)>;

  /// Begins at once and does not wait. Without documents there is no thread.
  document_watch(std::vector<watched_document> documents, fetcher fetch);
  ~document_watch();
  document_watch(const document_watch&) = delete;

  /// Somebody misses something in that document. From any thread; does not wait.
  void wish(std::string_view name);
  const watch_statistics& statistics() const { return statistics_; }

private:
  struct watched {
    watched_document document;
    refresh_times times;
    bool is_good = false; // the last one was; of the thread alone
  };
  void run();
  bool refresh(watched& one);

  fetcher fetch_;
  watch_statistics statistics_;
  std::atomic<bool> stopped_{false};
  std::mutex mutex_; // of the times
  std::condition_variable changed_;
  std::vector<watched> watched_;
  std::thread thread_;
};

} // namespace tessera
