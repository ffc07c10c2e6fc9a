#pragma once

#include "http/auth/idempotency.hpp"
#include "http/json/writer.hpp"
#include "messages/users.hpp"

#include <functional>
#include <string>

namespace tessera::http {

/// What of a user's access the caller may know.
struct visible_access {
  std::function<bool(const assignment&)> assignments;
  std::function<bool(const std::string&)> applications;
};

/// `userId, email, firstName, …, entityAssignments, applicationAccess`: into the open object.
void write_user(json::writer& out, const user_view& user, const visible_access& shows);
kept_answer word_user(const user_view& user, const visible_access& shows);

} // namespace tessera::http
