#include "actors/payment/topping_up.hpp"

#include "actors/domain/auto_topup.hpp"
#include "actors/domain/fraud_rules.hpp"
#include "actors/domain/reversed_payments.hpp"
#include "actors/support/crash_point.hpp"
#include "persistence/stores/auto_topup_store.hpp"
#include "persistence/stores/package_store.hpp"
#include "persistence/stores/purchase_store.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <vector>

namespace tessera {

namespace {

constexpr std::int64_t most_topped_up_at_once = 100;

/// So many packages as one.
credit_package times(credit_package package, std::int64_t count) {
  package.amount = credits{package.amount.value() * count};
  package.price_minor *= count;
  if (count > 1) package.name = std::to_string(count) + " x " + package.name;
  return package;
}

/// As whoever buys is judged.
persistence::purchase_judge judge_of(const desk_core& core) {
  persistence::purchase_judge by;
  by.rules = [](const std::vector<fraud_rule>& said) { return with_rules(default_fraud_rules(), said); };
  by.judge = judge;
  by.new_flag_id = [&core] { return "flag-" + to_string(core.new_id()); };
  return by;
}

/// The purchase that is to be paid, or nothing.
std::string
order_if_due(pg::transaction& in, const desk_core& core, const tenant_id& tenant, const account_id& account) {
  const auto due = persistence::hold_due_auto_topup(in, tenant, account);
  if (!due || due->now.available > due->now.terms.threshold) return {};
  const auto package =
      persistence::find_package(in, tenant, due->now.terms.package_id, persistence::row_lock::for_share);
  if (!package || !package->active) {
    persistence::pause_auto_topup(in, account, "package");
    return {};
  }
  auto now = due->now;
  now.per_package = package->amount;
  now.price_minor = package->price_minor;
  const auto chosen = choose(now);
  if (chosen.packages == 0) {
    if (!chosen.cap.empty()) persistence::pause_auto_topup(in, account, chosen.cap);
    return {};
  }
  purchase_credits command;
  command.tenant = tenant;
  command.account = account;
  command.payment_method = "stripe";
  command.requested_by = due->buyer;
  command.request_id = due->request_id;
  command.network = due->network;
  auto id = "pur-" + to_string(core.new_id());
  const auto what = times(*package, chosen.packages);
  switch (persistence::order(in, command, id, what, "auto_topup", judge_of(core))) {
  case persistence::order_outcome::ordered: persistence::note_auto_topup(in, account, id); return id;
  case persistence::order_outcome::held: persistence::note_auto_topup(in, account, id); return {};
  case persistence::order_outcome::blocked: persistence::pause_auto_topup(in, account, "fraud"); return {};
  case persistence::order_outcome::nobody: return {};
  }
  return {};
}

void top_up(desk_core& core, const tenant_id& tenant, const account_id& account) {
  core.in_transaction<std::string>(
      tenant,
      [&core, tenant](const result<std::string>& ordered) {
        crash_point("after_auto_topup_ordered");
        if (ordered && !ordered->empty()) pay(core, {tenant, *ordered}, [](const result<payment_state>&) {});
      },
      [&core, tenant, account](pg::transaction& in) {
        return result<std::string>(order_if_due(in, core, tenant, account));
      }
  );
}

bool is_over(const payment_record& purchase) {
  return purchase.status == "failed" || purchase.status == "canceled" || purchase.status == "expired";
}

} // namespace

result<auto_topup_view> set_terms(pg::transaction& in, const set_auto_topup& command) {
  if (command.terms.enabled) {
    const auto package = persistence::find_package(in, command.tenant, command.terms.package_id);
    if (!package) return errc::package_unknown;
    if (!package->active) return errc::package_inactive;
  }
  if (const auto why = persistence::save_auto_topup(in, command); why != errc::ok) return why;
  return persistence::find_auto_topup(in, {command.tenant, command.account, command.entity});
}

void top_up_balances(desk_core& core) {
  using places = std::vector<persistence::account_place>;
  core.in_transaction<places>(
      tenant_id{},
      [&core](const result<places>& fallen) {
        if (!fallen) return;
        for (const auto& each : *fallen)
          top_up(core, each.tenant, each.account);
      },
      [](pg::transaction& in) {
        return result<places>(persistence::accounts_to_top_up(in, most_topped_up_at_once));
      }
  );
}

void follow_auto_topup(pg::transaction& in, const payment_record& purchase, const purchase_turn& turn) {
  if (purchase.origin != "auto_topup") return;
  if (turn.settled_now) persistence::auto_topup_paid(in, purchase, auto_topup_cool_down);
  if (turn.was_open && is_over(purchase))
    persistence::auto_topup_failed(in, purchase, auto_topup_back_off, most_auto_topup_declines);
  if (turn.reviewed_now)
    persistence::end_auto_topup(in, purchase, "review", "What was paid needs to be looked at.");
}

void end_auto_topup_if_disputed(
    pg::transaction& in, const payment_record& purchase, const payment_news& news
) {
  if (news.what != payment_news::kind::dispute) return;
  const auto phase = after(seen_dispute{}, news).phase;
  if (phase == dispute_phase::open || phase == dispute_phase::lost)
    persistence::end_auto_topup_of_disputed(in, purchase.account);
}

} // namespace tessera
