#pragma once

#include "messages/send_limits.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// How often is too often (R-I 3.5; W-33, W-34). Pure: what was sent is counted in the database, so that no
/// restart and no other node forgets it, and no other route goes around it.
namespace tessera {

/// All are multiplied by the scale of the configuration, and stay 1 at least.
struct send_limits {
  send_limit inviter;       // in ten minutes
  send_limit inviter_day;   // as all others
  send_limit tenant_day;    // one that is young has fewer
  send_limit recipient;     // invitations to one person by one tenant
  send_limit recipient_all; // messages to one person by all tenants
  std::int64_t pending = 0; // of a tenant at a time
};
send_limits limits_of_sending(double scale, bool is_young);

inline constexpr std::chrono::hours youth_of_tenant{7 * 24};
/// What is larger is no limit: nobody counts as far.
inline constexpr std::int64_t most_counted = 100'000;

/// What was sent within the window of a limit.
struct sent_before {
  std::int64_t count = 0;
  std::optional<time_point> newest;
  std::optional<time_point> in_the_way; // the last but so many as the limit allows
  std::optional<time_point> oldest;
};
limit_use use_of(const send_limit& limit, const sent_before& sent, time_point now);
/// When one more is sent now.
limit_use use_after(const send_limit& limit, sent_before sent, time_point now);

} // namespace tessera
