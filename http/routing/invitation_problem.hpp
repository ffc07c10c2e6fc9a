#pragma once

#include "http/routing/problem.hpp"
#include "messages/invitations.hpp"

namespace tessera::http {

/// What the rules of invitations refuse, as it is answered; of what else is refused see rejections.hpp.
problem problem_of(const invitation_refusal& why);

/// How a body names a flaw.
std::string_view code_of(invitation_flaw flaw);

} // namespace tessera::http
