#include "actors/domain/sms_rules.hpp"

#include "actors/domain/delivery_retry.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tessera {

namespace {

constexpr std::size_t prefix_length = 8; // `+` and seven digits
constexpr int most_carried = 4;          // each costs
constexpr double most_to_a_number = 5;
constexpr double most_to_a_prefix = 100;
constexpr double most_of_a_new_tenant = 20;

bool is_above(std::int64_t count, double most, double scale) {
  return static_cast<double>(count) >= std::max(1.0, std::floor(most * scale));
}

} // namespace

bool may_text(std::string_view e164, const std::vector<std::string>& countries) {
  const auto country = country_of_number(e164);
  return !country.empty() && std::ranges::find(countries, country) != countries.end();
}

std::string why_no_sms(std::string_view e164, const sms_standing& standing, double limits_scale) {
  if (!may_text(e164, standing.countries)) return "the tenant's policy has no SMS to that country";
  if (is_above(standing.to_number_today, most_to_a_number, limits_scale))
    return "the number has got as many SMS today as one may";
  const auto most = standing.is_new ? most_of_a_new_tenant : most_to_a_prefix;
  if (is_above(standing.to_prefix_today, most, limits_scale))
    return "the tenant has sent as many SMS today as it may to numbers that begin so";
  return {};
}

std::optional<delivery_report> after_telling(
    notification_status now,
    bool is_last,
    int attempts,
    sms_state told,
    delivery_outcome failure,
    double chance
) {
  using enum notification_status;
  if (told == sms_state::under_way || now == delivered) return std::nullopt;
  if (told == sms_state::delivered) {
    delivery_report report;
    report.status = delivered;
    return report;
  }
  const bool is_open = now == sent || now == claimed || now == queued;
  if (!is_last || !is_open) return std::nullopt;
  retry_policy policy;
  policy.most_attempts = most_carried;
  return report_of(std::move(failure), attempts, chance, policy);
}

std::string_view sms_prefix(std::string_view e164) {
  return e164.substr(0, prefix_length);
}

} // namespace tessera
