#include "actors/payment/renewing.hpp"

#include "actors/domain/plans.hpp"
#include "persistence/stores/grant_store.hpp"
#include "persistence/stores/plan_store.hpp"
#include "persistence/stores/purchase_store.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tessera {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t most_renewed_at_once = 100;
constexpr std::chrono::seconds charged_again_after = 24h;
constexpr int most_attempts = 4; // of a month
constexpr int no_attempts = 0;
constexpr int a_month = 31; // days, where the month that was paid for is over before the money is there

/// What is to be done once it is committed.
struct begun_month {
  std::optional<account_id> granted;
  std::string purchase_id;
};

grant_credits
grant_of(const tenant_id& tenant, const persistence::due_period& period, const subscription_plan& plan) {
  grant_credits command;
  command.tenant = tenant;
  command.account = period.account;
  command.amount = plan.included;
  command.kind = lot_kind::plan;
  command.expires_at = period.end;
  command.reason = "plan " + std::string(plan.id);
  return command;
}

/// A month of the plan, as something that is bought.
credit_package package_of(const subscription_plan& plan) {
  credit_package package;
  package.id = "plan-" + std::string(plan.id);
  package.name = "Plan " + std::string(plan.name) + ", one month";
  package.amount = plan.included;
  package.price_minor = plan.price_minor;
  package.currency = plan.currency;
  package.validity_days = a_month;
  return package;
}

begun_month begin_month(pg::transaction& in, const desk_core& core, const tenant_id& tenant) {
  const auto period = persistence::hold_due_period(in, tenant);
  const auto* plan = period ? find_plan(period->plan) : nullptr;
  if (plan == nullptr) return {};
  if (period->was_granted) {
    persistence::take_up_period(in, tenant, *period);
    return {};
  }
  if (plan->price_minor == 0) {
    const persistence::grant_ids ids{inbox_id{core.new_id()}, lot_id{core.new_id()}};
    if (!persistence::grant(in, grant_of(tenant, *period, *plan), ids)) return {};
    persistence::grant_period(in, tenant, *period, ids.inbox);
    return {period->account, {}};
  }
  purchase_credits command;
  command.tenant = tenant;
  command.account = period->account;
  command.payment_method = "stripe";
  auto id = "pur-" + to_string(core.new_id());
  // What a plan costs is the seller's to say: no rule against fraud judges it.
  if (persistence::order(in, command, id, package_of(*plan), "plan") != persistence::order_outcome::ordered)
    return {};
  persistence::charge_period(in, tenant, *period, id);
  return {std::nullopt, std::move(id)};
}

void renew(desk_core& core, const tenant_id& tenant) {
  core.in_transaction<begun_month>(
      tenant,
      [&core, tenant](const result<begun_month>& begun) {
        if (!begun) return;
        if (begun->granted) core.tell_of_inbox(*begun->granted);
        if (!begun->purchase_id.empty())
          pay(core, {tenant, begun->purchase_id}, [](const result<payment_state>&) {});
      },
      [&core, tenant](pg::transaction& in) { return result<begun_month>(begin_month(in, core, tenant)); }
  );
}

} // namespace

void renew_plans(desk_core& core) {
  using tenants = std::vector<tenant_id>;
  core.in_transaction<tenants>(
      tenant_id{},
      [&core](const result<tenants>& due) {
        if (!due) return;
        for (const auto& tenant : *due)
          renew(core, tenant);
      },
      [](pg::transaction& in) {
        return result<tenants>(persistence::tenants_with_due_plans(in, most_renewed_at_once));
      }
  );
}

void follow_plan(pg::transaction& in, const payment_record& purchase, const purchase_turn& turn) {
  if (purchase.origin != "plan") return;
  if (turn.settled_now) return persistence::period_paid(in, purchase);
  const bool is_over =
      purchase.status == "failed" || purchase.status == "canceled" || purchase.status == "expired";
  if (turn.was_open && is_over) persistence::period_unpaid(in, purchase, charged_again_after, most_attempts);
  // Somebody looks at what was paid: nothing else is charged for this month.
  if (turn.reviewed_now) persistence::period_unpaid(in, purchase, charged_again_after, no_attempts);
}

} // namespace tessera
