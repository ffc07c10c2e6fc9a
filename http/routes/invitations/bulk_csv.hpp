#pragma once

#include "http/routing/problem.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// A record of a file, as the JSON body that a call would have.
struct csv_body {
  std::string body;
  std::string email;
  std::optional<problem> refused; // it can't be one
};
/// The first line names the columns, as the fields of a body: email, phone, firstName, lastName, role,
/// entityAssignments (`location/loc-1:viewer;organization/org-2:editor`), applicationAccess (`crm;hr`),
/// sendNotification, expiryHours, message, locale, onConflict, and of starter credits starterFrom, starterTo
/// (`organization/org-1`) and starterCredits. An empty cell is a field that is not there. A problem: it is no
/// such file.
std::optional<problem> read_csv_bodies(std::string_view text, std::vector<csv_body>& into);

} // namespace tessera::http
