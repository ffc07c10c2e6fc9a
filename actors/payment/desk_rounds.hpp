#pragma once

#include "actors/payment/desk_core.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace tessera {

// INTERNAL: the thread of the payment desk that looks for what is to be done, again and again: events that
// wait, purchases whose time has come, events that never arrived.
class desk_rounds {
public:
  explicit desk_rounds(desk_core& core);
  ~desk_rounds();
  desk_rounds(const desk_rounds&) = delete;

private:
  using steady = std::chrono::steady_clock;
  void run();
  void claim();

  desk_core& core_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

} // namespace tessera
