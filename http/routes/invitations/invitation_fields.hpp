#pragma once

#include "http/auth/caller.hpp"
#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "messages/invitations.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What bodies say of an invitation.
namespace tessera::http {

inline constexpr std::int64_t most_invitation_hours = 2'160;

/// What is to be given, before its entities are looked up.
struct wanted_grant {
  std::optional<user_role> role;
  std::optional<std::vector<std::pair<entity_ref, entity_role>>> assignments;
  std::optional<std::vector<std::string>> applications;
};
wanted_grant read_wanted_grant(json::object& fields);
void add(fingerprint& print, const wanted_grant& wanted);

/// The entities that are named: 404, or 403 where the caller invites nobody. Of a body that is wrong those
/// that it names well.
std::optional<problem>
find_assignments(const caller& who, const wanted_grant& wanted, std::vector<assignment>& into);

std::optional<std::string> read_name(json::object& fields, std::string_view name);

/// 422 `domain` texts of one field, without a reader.
problem field_problem(std::string_view code, std::string pointer, std::string detail);

} // namespace tessera::http
