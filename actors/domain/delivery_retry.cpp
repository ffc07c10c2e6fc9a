#include "actors/domain/delivery_retry.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

std::chrono::milliseconds delay_after(int attempts, double chance, const retry_policy& policy) {
  auto most = policy.base;
  for (int i = 1; i < attempts && most < policy.cap; ++i)
    most *= 2;
  most = std::min(most, policy.cap);
  return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(most.count()) * chance));
}

} // namespace

delivery_report report_of(delivery_outcome outcome, int attempts, double chance, const retry_policy& policy) {
  delivery_report report;
  report.outcome = std::move(outcome);
  switch (report.outcome.failure) {
  case delivery_failure::none: return report;
  case delivery_failure::permanent_recipient:
  case delivery_failure::permanent_config: report.status = notification_status::dead; return report;
  case delivery_failure::transient:
  case delivery_failure::ambiguous: break;
  }
  if (attempts >= policy.most_attempts) {
    report.status = notification_status::dead;
    return report;
  }
  report.status = notification_status::queued;
  report.delay = delay_after(attempts, chance, policy);
  if (const auto asked = report.outcome.retry_after)
    report.delay =
        std::max(report.delay, std::chrono::milliseconds(std::min(*asked, std::chrono::seconds(86'400))));
  return report;
}

} // namespace tessera
