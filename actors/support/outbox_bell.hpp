#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace tessera {

/// Rung when events are durable, by whoever wrote them; heard by whoever makes notifications of them, while
/// there is somebody. From any thread.
class outbox_bell {
public:
  void hang(std::function<void()> hear) {
    const std::lock_guard lock(mutex_);
    hear_ = std::move(hear);
  }
  /// Nobody is called any more when this returns.
  void take_down() { hang({}); }
  void ring() {
    const std::lock_guard lock(mutex_);
    if (hear_) hear_();
  }

private:
  std::mutex mutex_;
  std::function<void()> hear_;
};

} // namespace tessera
