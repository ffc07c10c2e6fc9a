#pragma once

#include "persistence/pg/connection.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace tessera {

struct invitation_timer_options {
  std::chrono::milliseconds interval{50}; // how often it looks: nothing is noticed later by more than this
  std::int64_t page = 500;                // recorded in one transaction
};

/// Records that invitations are over, at the instant at which they are (R-I 3.8): they are refused from then
/// on whether anybody has noticed or not, so nothing depends on it but who is told. Asks the database what is
/// due by its clock and keeps nothing itself: a restart forgets nothing, a step of this node's clock changes
/// nothing, and what two nodes notice at once is recorded once.
/// It does nothing else, so that nothing else makes it late: see invitation_chores.hpp.
class invitation_timer {
public:
  invitation_timer(invitation_timer_options options, pg::session_options session);
  ~invitation_timer();
  invitation_timer(const invitation_timer&) = delete;

private:
  void run();
  /// True: there may be more.
  bool record();

  invitation_timer_options options_;
  pg::connection session_;
  bool is_failing_ = false; // told once

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::thread thread_;
};

} // namespace tessera
