#pragma once

#include "http/auth/caller.hpp"
#include "http/auth/idempotency.hpp"
#include "http/routes/invitations/invitation_fields.hpp"
#include "http/routes/invitations/starter_fields.hpp"
#include "messages/invitations.hpp"

#include <optional>
#include <string_view>

/// The body that invites one person: of a call, and of a row of a file.
namespace tessera::http {

/// What a body says, before its entities are looked up.
struct invitation_body {
  tessera::create_invitation command;
  wanted_grant wanted;
  std::optional<wanted_starter> starter;
};

/// All that is wrong with the text alone.
std::optional<problem> read_invitation(std::string_view text, invitation_body& into);
/// Authority, and then what else is wrong: in the order of checks. Fills in what is given.
std::optional<problem>
judge_invitation(const caller& who, invitation_body& body, const std::optional<problem>& wrong);

fingerprint print_of(const invitation_body& body);

} // namespace tessera::http
