#pragma once

#include "actors/domain/credit_account.hpp"
#include "messages/alerts.hpp"

#include <optional>
#include <span>
#include <vector>

/// When a balance is so low that somebody is told (R-C 3.12). Pure.
namespace tessera {

/// What thresholds are compared with, of an account at one point of its ledger.
struct balance_level {
  credits available;
  credits lots; // what its live lots had when they were opened; only where a threshold is a part of it
};
balance_level level_of(const credit_account& account, std::span<const alert_threshold> thresholds);

bool is_low(const balance_level& level, const alert_threshold& threshold);

/// Carries out what was decided, and tells how the balance fell: of each threshold, in their order, and then
/// of nothing being left, once, at the last entry that took the balance from above to there or below. What
/// rose again before the write set ends did not fall for anybody, and what is paid of a debt was never there
/// to be spent. A balance that rose did not fall, whatever became of the lots that a threshold is a part of.
std::vector<balance_alert>
evolve_and_tell(credit_account& account, const decided& events, std::span<const alert_threshold> thresholds);

/// What a message says is left that could not be sent when the balance fell `to` (nothing: to zero) and had
/// `then`: what it has `now`. Nothing: it is above again, and need not be told. What a part is of is not
/// known by then: of that the smaller figure is told.
std::optional<credits> told_late(const std::optional<alert_threshold>& to, credits then, credits now);

} // namespace tessera
