#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// The routes below /api/credits, one file each.
namespace tessera::http {

caller_handler allocate(service& with);
caller_handler allocation(service& with);
caller_handler allocations(service& with);
caller_handler give_back(service& with);
caller_handler reclaim(service& with);
caller_handler freeze(service& with);
caller_handler unfreeze(service& with);
caller_handler balance(service& with);
caller_handler consume(service& with);
caller_handler hold(service& with);
caller_handler grant(service& with);
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
caller_handler mark_paid(service& with);
caller_handler refund_purchase(service& with);
caller_handler payment_methods(service& with);
caller_handler attach_payment_method(service& with);
caller_handler detach_payment_method(service& with);
caller_handler auto_topup(service& with);
caller_handler set_auto_topup_terms(service& with);
caller_handler fraud_flags(service& with);
caller_handler fraud_rules(service& with);
caller_handler set_fraud_rules_route(service& with);
caller_handler approve_flagged(service& with);
caller_handler reject_flagged(service& with);
caller_handler reverse(service& with);
caller_handler simulate(service& with);
caller_handler transactions(service& with);
caller_handler usage(service& with);

} // namespace tessera::http
