#include "persistence/stores/invitation_expiry_store.hpp"

namespace tessera::persistence {

std::int64_t expire_invitations(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) {
  return session
      .execute(
          "SELECT expire_invitations($1) + expire_unapproved_invitations($1)",
          pg::parameters().add(most),
          limit
      )
      .int8(0, 0);
}

std::int64_t forget_old_invitees(
    pg::connection& session,
    std::int64_t days,
    std::int64_t most,
    const digest& pepper,
    std::chrono::milliseconds limit
) {
  return session
      .execute(
          "SELECT forget_old_invitees($1, $2, $3)", pg::parameters().add(days).add(most).add(pepper), limit
      )
      .int8(0, 0);
}

std::int64_t forget_old_jobs(
    pg::connection& session, std::int64_t days, std::int64_t most, std::chrono::milliseconds limit
) {
  return session.execute("SELECT forget_old_jobs($1, $2)", pg::parameters().add(days).add(most), limit)
      .int8(0, 0);
}

std::int64_t remind_and_tell(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) {
  return session
      .execute(
          "SELECT remind_invitees($1) + tell_of_expired_invitations($1) + "
          "tell_of_undelivered_invitations($1)",
          pg::parameters().add(most),
          limit
      )
      .int8(0, 0);
}

} // namespace tessera::persistence
