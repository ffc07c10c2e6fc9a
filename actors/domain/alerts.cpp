#include "actors/domain/alerts.hpp"

#include <algorithm>

namespace tessera {

namespace {

__extension__ using wide = __int128;

/// The last fall to a threshold counts.
void note(std::vector<balance_alert>& falls, balance_alert fall) {
  std::erase_if(falls, [&](const balance_alert& each) { return each.fell_to == fall.fell_to; });
  falls.push_back(fall);
}

/// Those that did not last are none; the others come in the order of the thresholds.
void settle(
    std::vector<balance_alert>& falls, const balance_level& end, std::span<const alert_threshold> thresholds
) {
  std::erase_if(falls, [&](const balance_alert& each) {
    return each.fell_to ? !is_low(end, *each.fell_to) : !end.available.is_zero();
  });
  const auto place_of = [&](const balance_alert& each) {
    return each.fell_to ? std::ranges::find(thresholds, *each.fell_to) : thresholds.end();
  };
  std::ranges::stable_sort(falls, [&](const auto& a, const auto& b) { return place_of(a) < place_of(b); });
}

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

std::vector<balance_alert>
evolve_and_tell(credit_account& account, const decided& events, std::span<const alert_threshold> thresholds) {
  std::vector<balance_alert> falls;
  auto before = level_of(account, thresholds);
  for (const auto& event : events) {
    evolve(account, event);
    auto now = level_of(account, thresholds);
    if (now.available < before.available && event.booked.type != entry_type::debt_repaid) {
      for (const auto& each : thresholds)
        if (!is_low(before, each) && is_low(now, each)) note(falls, {account.id, account.seq, each});
      if (now.available.is_zero()) note(falls, {account.id, account.seq, std::nullopt});
    }
    before = now;
  }
  if (events.size() > 1) settle(falls, before, thresholds);
  return falls;
}

std::optional<credits> told_late(const std::optional<alert_threshold>& to, credits then, credits now) {
  if (to && to->percent > 0) return std::min(then, now);
  const auto most = to ? to->amount : credits{};
  return now <= most ? std::optional(now) : std::nullopt;
}

} // namespace tessera
