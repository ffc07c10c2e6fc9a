#include "actors/payment/side_thread.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <pthread.h>
#include <utility>

namespace tessera {

side_thread::side_thread(std::string name, std::size_t most_queued)
    : name_(std::move(name)), most_(most_queued), thread_([this] { work(); }) {}

side_thread::~side_thread() {
  stopping_ = true;
  jobs_.stop();
  thread_.join();
}

bool side_thread::run(std::function<void()> job) {
  return jobs_.push(std::move(job), most_);
}

void side_thread::work() {
  pthread_setname_np(pthread_self(), name_.c_str());
  while (const auto batch = jobs_.take(1, std::chrono::seconds(1)))
    for (const auto& job : *batch) {
      if (stopping_) return;
      try {
        job();
      } catch (const std::exception& why) {
        spdlog::error("{}: {}", name_, why.what());
      }
    }
}

} // namespace tessera
