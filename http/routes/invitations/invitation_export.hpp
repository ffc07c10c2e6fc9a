#pragma once

#include "http/gateway.hpp"
#include "http/routing/response.hpp"
#include "messages/invitations.hpp"

namespace tessera::http {

/// All invitations of a list as CSV, fetched page by page while the client reads. `first` is its first page,
/// read before the status was chosen. The columns of assignments and applications are those that bulk files
/// have (shapes.md).
response export_of(gateway& behind, list_invitations query, invitation_page first);

inline constexpr int invitation_export_page = 500;

} // namespace tessera::http
