#pragma once

#include "http/auth/entrance.hpp"

#include <optional>
#include <string>
#include <variant>

namespace tessera::http {

/// What a request shows at the door, before the directory has said whose it is.
struct shown_key {
  digest sha256;
};
struct shown_operator_key {
  std::string tenant; // X-Tenant; empty: none is needed
};
using credential = std::variant<shown_key, access_token, shown_operator_key>;

/// A problem where there is none that could be valid: 401, or 400 tenant_required of the operator; or 429
/// where it is not looked at.
struct credential_search {
  std::optional<credential> found;
  std::optional<problem> refused;
};
credential_search
read_credential(const request& request, const entrance_options& options, std::optional<act> what);

/// What the directory has to look up to know whose it is.
directory_question question_of(const credential& shown);
/// 401, or 404 of the operator's tenant: nobody has it, and the database was asked.
problem unknown_credential(const credential& shown);

/// Whose it is. Nothing: nobody's in this directory. A problem: theirs, and no longer valid.
struct identity {
  std::shared_ptr<const tenant_snapshot> tenant;
  authority rights;
  std::optional<problem> refused;
};
std::optional<identity> identify(const credential& shown, const directory_view& tenants, time_point now);

} // namespace tessera::http
