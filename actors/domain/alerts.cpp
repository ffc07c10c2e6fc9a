#include "actors/domain/alerts.hpp"

#include <algorithm>

namespace tessera {

namespace {

__extension__ using wide = __int128;

} // namespace

balance_level level_of(const credit_account& account, std::span<const alert_threshold> thresholds) {
  balance_level level{account.totals.now.available, {}};
  if (std::ranges::any_of(thresholds, [](const alert_threshold& each) { return each.percent > 0; }))
    for (const auto& each : account.lots)
      level.lots += each.amount;
  return level;
}

bool is_low(const balance_level& level, const alert_threshold& threshold) {
  if (threshold.percent == 0) return level.available <= threshold.amount;
  return wide{level.available.value()} * 100 <= wide{level.lots.value()} * threshold.percent;
}

std::vector<balance_alert> alerts_between(
    const balance_level& before, const credit_account& after, std::span<const alert_threshold> thresholds
) {
  std::vector<balance_alert> alerts;
  if (after.totals.now.available >= before.available) return alerts;
  if (!thresholds.empty()) {
    const auto now = level_of(after, thresholds);
    for (const auto& each : thresholds)
      if (!is_low(before, each) && is_low(now, each)) alerts.push_back({after.id, after.seq, each});
  }
  if (after.totals.now.available.is_zero()) alerts.push_back({after.id, after.seq, std::nullopt});
  return alerts;
}

} // namespace tessera
