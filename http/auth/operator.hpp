#pragma once

#include "http/auth/caller.hpp"

namespace tessera::http {

/// Wraps a route that the operator may call as well (contract 3): `TESSERA_OPERATOR_KEY` as bearer and
/// X-Tenant, the tenant's id. Everybody else comes in as through `authenticated`. Without the key's hash
/// there is no operator.
handler authenticated_or_operator(
    gateway& behind, std::optional<digest> operator_key_sha256, scope needed, caller_handler handle
);

/// 403 unless the operator calls: an API key has no admin role.
std::optional<problem> require_operator(const caller& who);

} // namespace tessera::http
