#pragma once

#include "actors/domain/invitation_authority.hpp"
#include "http/auth/caller.hpp"
#include "messages/invitations.hpp"

#include <optional>
#include <string_view>

/// What somebody may do with invitations, by what this node knows of them; the transaction of a change asks
/// again, of the rows (decision 0054).
namespace tessera::http {

/// Whether they may see one, for the application that calls.
invitation_filter filter_of(const caller& who);

/// Why they may not invite so; for the order of checks. Nothing: they may.
struct invitation_objection {
  problem told;
  grant_flaw flaw = grant_flaw::role_not_grantable;
};
std::optional<invitation_objection> why_may_not_invite(const caller& who, const invitation_grant& wanted);

/// A name or a line of text that mails can show: no control characters, nothing that turns the direction of
/// text, no web addresses (W-30, W-31).
bool is_plain_name(std::string_view text);
/// The same with lines.
bool is_plain_message(std::string_view text);
/// E.164 with spaces, hyphens, dots and parentheses; empty: it is none.
std::string phone_number(std::string_view given);

} // namespace tessera::http
