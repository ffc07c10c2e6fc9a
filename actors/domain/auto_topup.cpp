#include "actors/domain/auto_topup.hpp"

#include <algorithm>

namespace tessera {

namespace {

/// What is missing to the threshold, and what is owed besides.
std::int64_t gap_of(const auto_topup_situation& now) {
  return now.terms.threshold.value() - now.available.value() + now.debt.value();
}

} // namespace

auto_topup_choice choose(const auto_topup_situation& now) {
  const auto& terms = now.terms;
  if (!terms.enabled || now.available > terms.threshold) return {};
  if (now.bought_today >= terms.max_per_day.value_or(0)) return {0, "day"};
  if (now.bought_this_month >= terms.max_per_month.value_or(0)) return {0, "month"};
  const auto per_package = now.per_package.value();
  const auto gap = gap_of(now);
  auto packages = std::max<std::int64_t>(1, gap / per_package + (gap % per_package != 0 ? 1 : 0));
  packages = std::min(packages, credits::limit / per_package);
  if (now.price_minor > 0) {
    const auto money = terms.max_amount_minor_per_month.value_or(0) - now.amount_minor_this_month;
    packages = std::min(packages, std::max<std::int64_t>(0, money) / now.price_minor);
  }
  return packages > 0 ? auto_topup_choice{packages, {}} : auto_topup_choice{0, "amount"};
}

} // namespace tessera
