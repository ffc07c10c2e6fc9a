#include "actors/timers/invitation_chores.hpp"

#include "persistence/stores/invitation_expiry_store.hpp"
#include "persistence/stores/starter_credits_store.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <utility>

namespace tessera {

namespace {

using steady = std::chrono::steady_clock;

struct chore {
  std::chrono::seconds interval;
  recurring_sweep::portion work;
  steady::time_point next{};
};

/// How many it looked at; 0: its time has not come.
std::int64_t
do_chore(chore& one, pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) {
  const auto now = steady::now();
  if (now < one.next) return 0;
  one.next = now + one.interval; // first: what fails is not tried at once again
  const auto done = one.work(session, most, limit);
  if (done >= most) one.next = now;
  return done;
}

} // namespace

recurring_sweep::portion invitation_chores(invitation_chores_options options) {
  const auto forget = [options](pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) {
    return persistence::forget_old_invitees(session, options.retention_days, most, options.pepper, limit);
  };
  std::vector<chore> all{
      {std::chrono::seconds(2), persistence::return_stray_starter_credits},
      {std::chrono::seconds(10), persistence::remind_and_tell},
      {std::chrono::seconds(10), forget}};
  return [all = std::move(all
          )](pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) mutable {
    std::int64_t done = 0;
    std::exception_ptr failed;
    for (auto& one : all)
      try {
        if (!session.is_open()) session.open();
        done = std::max(done, do_chore(one, session, most, limit));
      } catch (const std::exception&) {
        failed = std::current_exception();
      }
    if (failed) std::rethrow_exception(failed);
    return done;
  };
}

} // namespace tessera
