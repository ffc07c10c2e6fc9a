#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// The routes below /api/credits, one file each.
namespace tessera::http {

caller_handler allocate(service& with);
caller_handler allocation(service& with);
caller_handler allocations(service& with);
caller_handler balance(service& with);
caller_handler consume(service& with);
caller_handler hold(service& with);
caller_handler holds(service& with);
caller_handler one_hold(service& with);
caller_handler capture(service& with);
caller_handler release(service& with);
caller_handler lots(service& with);
caller_handler packages(service& with);
caller_handler one_package(service& with);
caller_handler create_package(service& with);
caller_handler edit_package(service& with);
caller_handler end_package(service& with);
caller_handler purchase(service& with);
caller_handler purchases(service& with);
caller_handler one_purchase(service& with);
caller_handler invoice(service& with);
caller_handler transactions(service& with);
caller_handler usage(service& with);

/// A hold by its id, at an entity where the caller may do it: 404 where it is none of theirs.
struct hold_search {
  entry_place opened;
  const directory_entity* at = nullptr; // in *who.tenant
  std::optional<problem> refused;
};
hold_search find_hold(const caller& who, act what, std::string_view id);
/// Says who asks for it, for which application and until when. The key's fingerprint is the route's.
void ask_about_hold(
    hold_request& command,
    const service& with,
    const request& request,
    const caller& who,
    std::string_view key
);

} // namespace tessera::http
