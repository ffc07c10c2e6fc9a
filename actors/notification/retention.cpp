#include "actors/notification/retention.hpp"

#include "persistence/stores/retention_store.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace tessera {

namespace {

constexpr std::chrono::milliseconds deleting_limit{5'000};

} // namespace

retention::retention(pg::session_options session, retention_options options, const clock& time)
    : session_(std::move(session)), options_(options), time_(time) {}

bool retention::step() {
  if (time_.now() < next_) return false;
  if (!session_.is_open()) session_.open();
  const auto deleted =
      persistence::delete_what_is_over(session_, options_.keep, options_.portion, deleting_limit);
  if (deleted == 0) {
    next_ = time_.now() + options_.every;
    session_.close();
    return false;
  }
  spdlog::info("notifications: {} rows that were over for long are deleted", deleted);
  return true;
}

} // namespace tessera
