#include "persistence/stores/invitation_expiry_store.hpp"

namespace tessera::persistence {

std::int64_t expire_invitations(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) {
  return session.execute("SELECT expire_invitations($1)", pg::parameters().add(most), limit).int8(0, 0);
}

} // namespace tessera::persistence
