#pragma once

#include "messages/payments.hpp"
#include "messages/plans.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// Plans of tenants. Inside a transaction of the tenant; throws pg::error when the database fails.
namespace tessera::persistence {

plan_usage plan_usage_of(pg::transaction& in, const tenant_id& tenant);
plan_standing plan_standing_of(pg::transaction& in, const tenant_id& tenant);

/// The month that is to begin, or is to be paid again.
struct due_period {
  std::string plan;
  account_id account; // the tenant's own
  time_point start;
  time_point end;
  time_point anchor;        // from which months are counted
  bool was_granted = false; // its credits have come already: it is a month that goes on
};
/// Holds the tenant's standing until the transaction ends. Nothing: there is nothing to do.
std::optional<due_period> hold_due_period(pg::transaction& in, const tenant_id& tenant);

/// A month that was given before goes on.
void take_up_period(pg::transaction& in, const tenant_id& tenant, const due_period& period);
/// Its credits are on their way.
void grant_period(
    pg::transaction& in, const tenant_id& tenant, const due_period& period, const inbox_id& row
);
/// It is being charged.
void charge_period(
    pg::transaction& in, const tenant_id& tenant, const due_period& period, const std::string& purchase_id
);
/// Until when the credits of a purchase for a plan are good; nothing: it pays for no month that is running.
std::optional<time_point> end_of_period(pg::transaction& in, const payment_record& purchase);
/// It was paid: its credits are on their way by that row.
void period_paid(pg::transaction& in, const payment_record& purchase);
/// It was not: again after `again_after`, so many times in a month at most; administrators hear of it.
void period_unpaid(
    pg::transaction& in, const payment_record& purchase, std::chrono::seconds again_after, int most_attempts
);

/// Across tenants: in a transaction of no tenant.
std::vector<tenant_id> tenants_with_due_plans(pg::transaction& in, std::int64_t most);

} // namespace tessera::persistence
