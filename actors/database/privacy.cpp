// /api/privacy: what is known of one person, and that it be forgotten.
#include "actors/database/invitation_errand_changes.hpp"
#include "actors/database/invitation_parts.hpp"
#include "actors/support/email_pepper.hpp"
#include "persistence/stores/change_store.hpp"
#include "persistence/stores/invitation_store.hpp"
#include "persistence/stores/invitee_store.hpp"
#include "persistence/stores/privacy_store.hpp"

#include <utility>

namespace tessera {

namespace {

void cancel(pg::transaction& in, const erase_person& command, const std::string& id) {
  const auto it = hold_invitation(in, command.tenant, id, {});
  if (!it || !is_open(it->status)) return;
  persistence::write_status(in, command.tenant, id, invitation_status::cancelled, "erased");
  persistence::revoke_tokens(in, command.tenant, id, nullptr);
  persistence::note_activity(in, command.tenant, id, "cancelled", command.origin, R"({"reason":"erased"})");
  persistence::tell(in, command.tenant, id, "invitation.cancelled", {"none"}, it->generation);
}

result<invitation_answer>
erase(pg::transaction& in, const erase_person& command, const invitation_means& means) {
  const auto canonical = canonical_address(command.email_key);
  persistence::lock_jobs_of(in, command.tenant, canonical);
  persistence::lock_person(in, command.tenant, canonical);
  for (const auto& id : persistence::open_invitations_to(in, command.tenant, canonical))
    cancel(in, command, id);
  person_erased made;
  made.invitations = persistence::erase_invitee(in, command.tenant, canonical, email_pepper(*means.secret));
  if (const auto user = persistence::find_invitee(in, command.tenant, canonical)) made.user = user->id;
  // Of whom it was is not said here either.
  persistence::note_change(in, command.tenant, command.origin.by, "erase invitee", "invitations");
  return told(command.word(made));
}

} // namespace

result<invitation_answer>
carry_out(pg::transaction& in, const erase_person& command, const invitation_means& means) {
  return once(in, command.tenant, command.key, [&] { return erase(in, command, means); });
}

result<invitation_answer>
carry_out(pg::transaction& in, const export_person& query, const invitation_means&) {
  auto answer = told({});
  invitation_findings found;
  found.person = std::make_shared<const personal_data>(
      persistence::known_of(in, query.tenant, canonical_address(query.email_key))
  );
  answer.found = std::make_shared<const invitation_findings>(std::move(found));
  return answer;
}

} // namespace tessera
