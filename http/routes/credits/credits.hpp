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

/// `txn-<account>-<seq>`: an entry as callers name it.
std::string transaction_id(const account_id& account, std::uint64_t seq);

} // namespace tessera::http
