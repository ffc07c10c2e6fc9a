#pragma once

#include "actors/domain/credit_account.hpp"
#include "messages/alerts.hpp"

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

/// The thresholds to which the balance fell between the two, in their order, and then that nothing is left:
/// each once for each fall, and again only after the balance was above it. A balance that rose did not fall,
/// whatever became of the lots that a threshold is a part of.
std::vector<balance_alert> alerts_between(
    const balance_level& before, const credit_account& after, std::span<const alert_threshold> thresholds
);

} // namespace tessera
