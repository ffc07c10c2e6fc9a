#pragma once

#include "http/json/writer.hpp"
#include "http/routing/problem.hpp"
#include "messages/directory.hpp"
#include "messages/types/result.hpp"

namespace tessera::http {

/// The one place where a reason becomes a status (contract 2 `status`). Says which `item` of a batch it is.
problem problem_of(const rejection& why);

/// The 402 and 403 of a spend: `item` of a batch that is refused as a whole, `blockedBy`, `requested`,
/// `availableCredits`, `wouldAllow`.
problem problem_of(const rejection& why, const entity_ref& entity, std::string_view application);

/// The member `blockedBy` into the open object.
void write_blocked_by(
    json::writer& out, blocked_by kind, const entity_ref& entity, std::string_view application
);

/// A problem without fields.
problem
simple_problem(unsigned status, std::string_view code, std::string_view title, std::string detail = {});

} // namespace tessera::http
