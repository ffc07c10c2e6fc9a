#include "actors/database/invitation_errand_changes.hpp"
#include "actors/database/invitation_parts.hpp"
#include "persistence/stores/invitation_store.hpp"

namespace tessera {

namespace {

/// Those that bring a token find their tenant out themselves.
template <class Command> void enter(pg::transaction& in, const Command& command) {
  if constexpr (requires { command.tenant; }) persistence::enter_tenant(in, command.tenant);
}

constexpr std::int64_t hours_between_requests = 24;

} // namespace

result<invitation_answer> carry_out(
    pg::transaction& in, const std::shared_ptr<const invitation_errand>& errand, const invitation_means& means
) {
  return std::visit(
      [&](const auto& command) {
        enter(in, command);
        return carry_out(in, command, means);
      },
      errand->what
  );
}

result<invitation_answer>
carry_out(pg::transaction& in, const request_new_invitation& command, const invitation_means&) {
  const auto owner = persistence::enter_by_token(in, command.token_sha256);
  if (!owner) return refused(invitation_flaw::unknown);
  const auto& tenant = owner->tenant;
  const auto it = hold_invitation(in, tenant, owner->token.invitation, {});
  if (!it) return refused(invitation_flaw::unknown);
  const bool is_over = it->status == invitation_status::expired && owner->token.generation == it->generation;
  if (!is_over || it->erased_at || persistence::now_of(in) > it->expires_at + resendable_for) return told({});
  constexpr auto type = "reissue_requested";
  if (persistence::has_activity(in, tenant, it->id, type, hours_between_requests)) return told({});
  persistence::note_activity(in, tenant, it->id, type, command.origin);
  persistence::tell(in, tenant, it->id, "invitation.reissue_requested", {"none"}, it->generation);
  return told({});
}

} // namespace tessera
