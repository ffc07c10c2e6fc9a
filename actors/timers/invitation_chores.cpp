#include "actors/timers/invitation_chores.hpp"

#include "persistence/stores/invitation_expiry_store.hpp"
#include "persistence/stores/starter_credits_store.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace tessera {

namespace {

using std::chrono::milliseconds;

/// One chore, and when it is its turn.
class turn {
public:
  explicit turn(chore what) : what_(std::move(what)), page_(what_.most) {}

  /// How many it looked at: `most` if there may be more; 0: its time has not come.
  std::int64_t take(pg::connection& session, std::int64_t most, milliseconds limit, const steady_now& clock) {
    const auto now = clock();
    if (now < next_) return 0;
    next_ = now + what_.interval;             // first: what fails is not tried at once again
    const auto own = std::exchange(page_, 1); // if it throws, one is tried next
    const auto page = std::min(most, own);
    const auto done = what_.work(session, page, limit);
    page_ = std::max(own, std::min(what_.most, 2 * page));
    if (done < page) return done;
    next_ = now;
    return most;
  }

private:
  chore what_;
  std::int64_t page_;
  std::chrono::steady_clock::time_point next_{};
};

} // namespace

recurring_sweep::portion take_turns(std::vector<chore> chores, steady_now now) {
  std::vector<turn> all;
  for (auto& each : chores)
    all.emplace_back(std::move(each));
  return [all = std::move(all),
          now = std::move(now)](pg::connection& session, std::int64_t most, milliseconds limit) mutable {
    std::int64_t done = 0;
    std::exception_ptr failed;
    for (auto& one : all)
      try {
        if (!session.is_open()) session.open();
        done = std::max(done, one.take(session, most, limit, now));
      } catch (const std::exception&) {
        failed = std::current_exception();
      }
    if (failed) std::rethrow_exception(failed);
    return done;
  };
}

recurring_sweep::portion invitation_chores(invitation_chores_options options) {
  using std::chrono::seconds;
  const auto forget = [options](pg::connection& session, std::int64_t most, milliseconds limit) {
    return persistence::forget_old_invitees(session, options.retention_days, most, options.pepper, limit);
  };
  const auto forget_jobs = [options](pg::connection& session, std::int64_t most, milliseconds limit) {
    return persistence::forget_old_jobs(session, options.retention_days, most, limit);
  };
  // Each in a statement of its own: what one of them cannot do in time undoes nothing of another.
  return take_turns(
      {{seconds(2), persistence::return_stray_starter_credits},
       {seconds(10), persistence::remind_and_tell},
       {seconds(10), forget},
       {seconds(10), forget_jobs, 1}}
  );
}

} // namespace tessera
