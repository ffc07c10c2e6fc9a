#pragma once

#include "http/auth/caller.hpp"
#include "http/routing/rejections.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tessera::http {

/// The applications that the caller may call for; nothing: every one of the tenant.
std::optional<std::vector<std::string>> own_applications(const caller& who);

/// An application that a path names and that is not there is 404; one that is named elsewhere is 422.
problem application_problem(const rejection& why);

} // namespace tessera::http
