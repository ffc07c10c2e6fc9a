#pragma once

#include "actors/notification/worker.hpp"
#include "actors/support/clock.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>

namespace tessera {

struct retention_options {
  std::chrono::hours keep{90 * 24}; // what is over, and the events that it was made of
  std::chrono::milliseconds every{600'000};
  int portion = 500;
};

/// Deletes notifications that have been over for long, deliveries among them, the events that led to them,
/// and tokens that nobody can use any more: a portion at a time, now and then. What still waits stays.
class retention final : public portioned_work {
public:
  retention(pg::session_options session, retention_options options, const clock& time);
  bool step() override;

private:
  pg::connection session_;
  retention_options options_;
  const clock& time_;
  time_point next_{};
};

} // namespace tessera
