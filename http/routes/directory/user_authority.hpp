#pragma once

#include "http/auth/caller.hpp"
#include "messages/users.hpp"

namespace tessera::http {

/// Whether the caller may change or remove this user: whoever could have made them what they are (R-I 3.4),
/// and has a part of the tree to which they are assigned. insufficient_role, entity_out_of_scope,
/// application_forbidden.
rejection judge_present(const caller& who, const user_view& before);

/// The same, and whether the caller may give what the edit gives: also application_unknown,
/// invalid_assignments.
rejection judge_edit(const caller& who, const user_view& before, const tessera::edit_user& command);

} // namespace tessera::http
