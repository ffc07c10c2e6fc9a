#pragma once

#include "config/settings.hpp"

#include <cstdint>

namespace tessera::cli {

/// Sessions of PostgreSQL that a node holds beside those of its lanes: look-ups, archive (2), database (5),
/// directory, sweeper, lease, invitations, outbox, mail, webhooks, payments (2; ARCHITECTURE.md 9).
inline constexpr std::int64_t sessions_beside_lanes = 17;

inline std::int64_t sessions_of(const config::settings& settings) {
  return settings.journal.lanes + sessions_beside_lanes;
}

} // namespace tessera::cli
