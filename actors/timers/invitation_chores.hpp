#pragma once

#include "actors/timers/recurring_sweep.hpp"
#include "messages/types/digest.hpp"

#include <cstdint>

/// What is done for invitations beside recording their ends, and not as exactly: credits that were set aside
/// for invitations that came to nothing go back, invitees are reminded, inviters are told of what is over,
/// and whom invitations were for is forgotten. On a thread and a session of its own (recurring_sweep): it may
/// wait for others and take seconds.
namespace tessera {

struct invitation_chores_options {
  std::int64_t retention_days = 90; // after its end an invitation says whom it was for
  digest pepper{};                  // of the hashes of addresses that are kept
};

/// For a sweep that runs every two seconds. One chore that fails keeps no other waiting; what it says is
/// thrown at the end.
recurring_sweep::portion invitation_chores(invitation_chores_options options);

} // namespace tessera
