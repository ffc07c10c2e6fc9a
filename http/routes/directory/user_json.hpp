#pragma once

#include "http/auth/idempotency.hpp"
#include "http/json/writer.hpp"
#include "messages/users.hpp"

#include <functional>

namespace tessera::http {

/// Which of a user's assignments the caller may know.
using assignment_filter = std::function<bool(const assignment&)>;

/// `userId, email, firstName, …, entityAssignments, applicationAccess`: into the open object.
void write_user(json::writer& out, const user_view& user, const assignment_filter& shows);
kept_answer word_user(const user_view& user, const assignment_filter& shows);

} // namespace tessera::http
