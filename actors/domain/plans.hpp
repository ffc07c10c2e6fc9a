#pragma once

#include "messages/plans.hpp"
#include "messages/types/errors.hpp"

#include <span>
#include <string_view>

/// What plans there are, and what they limit (contract 4): pure.
namespace tessera {

std::span<const subscription_plan> subscription_plans();
/// Null: there is no such plan.
const subscription_plan* find_plan(std::string_view id);

/// plan_limit_reached when what was added is more than the plan has room for. What is too much already may be
/// changed, and gets no more.
errc judge_usage(const plan_usage& now, bool adds_locations, bool adds_applications);

} // namespace tessera
