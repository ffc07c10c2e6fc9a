#pragma once

#include "actors/timers/recurring_sweep.hpp"
#include "messages/types/digest.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

/// What is done for invitations beside recording their ends, and not as exactly: credits that were set aside
/// for invitations that came to nothing go back, invitees are reminded, inviters are told of what is over,
/// and whom invitations were for is forgotten. On a thread and a session of its own (recurring_sweep): it may
/// wait for others and take seconds.
namespace tessera {

struct invitation_chores_options {
  std::int64_t retention_days = 90; // after its end an invitation says whom it was for
  digest pepper{};                  // of the hashes of addresses that are kept
};

using steady_now = std::function<std::chrono::steady_clock::time_point()>;

struct chore {
  std::chrono::seconds interval;
  recurring_sweep::portion work;
  std::int64_t most = 1'000; // at once, if the sweep wants no fewer
};

/// Each when its interval is over, and at once again while it finds all it may. One that fails keeps no other
/// waiting; what it says is thrown at the end. What took too long is tried with one row when its time comes,
/// whatever the others do meanwhile, and with twice as many each time that goes well.
recurring_sweep::portion
take_turns(std::vector<chore> chores, steady_now now = std::chrono::steady_clock::now);

/// For a sweep that runs every two seconds.
recurring_sweep::portion invitation_chores(invitation_chores_options options);

} // namespace tessera
