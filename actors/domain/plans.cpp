#include "actors/domain/plans.hpp"

#include <algorithm>

namespace tessera {

namespace {

const std::vector<subscription_plan>& plan_table() {
  static const std::vector<subscription_plan> plans{
      {"free", "Free", credits{100}, 0, "USD", {"Basic CRM", "1 Location", "Email Support"}, 1, 1},
      {"starter",
       "Starter",
       credits{1'000},
       5'000,
       "USD",
       {"All Apps", "5 Locations", "Priority Support"},
       5,
       std::nullopt},
      {"professional",
       "Professional",
       credits{5'000},
       22'500,
       "USD",
       {"Advanced Analytics", "Unlimited Locations", "API Access"},
       std::nullopt,
       std::nullopt},
      {"enterprise",
       "Enterprise",
       credits{25'000},
       100'000,
       "USD",
       {"Custom Integrations", "Dedicated Support", "SLA Guarantee"},
       std::nullopt,
       std::nullopt},
  };
  return plans;
}

} // namespace

std::span<const subscription_plan> subscription_plans() {
  return plan_table();
}

const subscription_plan* find_plan(std::string_view id) {
  const auto found = std::ranges::find(plan_table(), id, &subscription_plan::id);
  return found == plan_table().end() ? nullptr : &*found;
}

errc judge_usage(const plan_usage& now, bool adds_locations, bool adds_applications) {
  const auto* plan = find_plan(now.plan);
  if (plan == nullptr) return errc::ok;
  const auto is_beyond = [](std::int64_t has, const std::optional<std::int64_t>& most) {
    return most && has > *most;
  };
  const bool too_many = (adds_locations && is_beyond(now.locations, plan->most_locations)) ||
                        (adds_applications && is_beyond(now.applications, plan->most_applications));
  return too_many ? errc::plan_limit_reached : errc::ok;
}

} // namespace tessera
