#pragma once

#include "http/auth/caller.hpp"
#include "http/routing/rejections.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// The applications that the caller may call for; nothing: every one of the tenant.
std::optional<std::vector<std::string>> own_applications(const caller& who);

/// 403 application_forbidden when a path names an application of the tenant that is not the caller's. One
/// that the tenant has not is the database's to say.
std::optional<problem> why_not_own(const caller& who, std::string_view application);
/// 403 application_forbidden: a key that belongs to an application makes, renames and ends no other.
std::optional<problem> why_not_use(const caller& who, std::string_view application);

/// An application that a path names and that is not there is 404; one that is named elsewhere is 422.
problem application_problem(const rejection& why);

} // namespace tessera::http
