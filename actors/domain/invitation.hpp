#pragma once

#include "messages/invitations.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

/// What may follow what in the life of an invitation (R-I 3.1). Pure: time is an argument.
namespace tessera {

enum class invitation_event : std::uint8_t {
  accept,
  decline,
  cancel,
  update,
  resend,
  expire,
  approve,
  reject
};

/// What it is at this instant, whatever is recorded: at `expires_at` it is over (W-15).
invitation_status effective(invitation_status recorded, time_point expires_at, time_point now);

/// What it is afterwards. Nothing: the event does not happen to an invitation in that state.
std::optional<invitation_status> after(invitation_status before, invitation_event event);

/// Why whoever holds a token of that generation gets nothing out of it; nothing: they may go on.
std::optional<invitation_flaw>
why_dead(invitation_status effective, std::int64_t generation_of_token, std::int64_t generation);
/// Why somebody who administers it can't do that.
invitation_flaw why_not_now(invitation_status effective);

/// It keeps its entities for the person: sent, or waiting for somebody to agree.
bool is_open(invitation_status effective);
/// Somebody agreed to what it gives, as it is now.
bool is_approved(const invitation_view& invitation);
/// Why somebody may not agree to it, or say no: four eyes are two people, whatever addresses they use (W-39).
/// Nothing: they may.
struct approver {
  principal who;
  std::string person; // behind aliases; empty: nobody of the tenant
};
std::optional<invitation_flaw> why_not_decide(
    const approver& decides,
    const principal& inviter,
    const std::string& inviter_person,
    const std::string& invitee_person
);
/// Nobody decided in that time: it is over.
inline constexpr std::chrono::hours approvable_for{14 * 24};

/// When it ends if it is renewed now.
time_point end_of(time_point now, std::int64_t expiry_hours);

inline constexpr std::int64_t most_expiry_hours = 2'160;
/// An expired one can be sent again for so long.
inline constexpr std::chrono::hours resendable_for{90 * 24};
inline constexpr std::int64_t most_resends = 5;
inline constexpr std::chrono::seconds resend_cool_down{60};

/// The domain of an address is one of these or below one (W-37); no domains: any is. Both in lower case
/// ASCII.
bool is_in_domains(std::string_view email_key, const std::vector<std::string>& domains);

/// What two addresses have in common that are one person's: lower case as a whole (W-38).
std::string canonical_address(std::string_view email_key);
/// The same without `+tag`, and without dots at gmail: for limits and for who may approve what (W-33, W-39).
std::string address_behind_aliases(std::string_view email_key);

/// True when there is something like a web address in a name: mails must carry no link but ours (W-30).
bool looks_like_link(std::string_view text);

} // namespace tessera
