#pragma once

#include "messages/sms.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Where SMS may go, and how many (W-35): an SMS costs money, and whoever earns by it makes others send many.
namespace tessera {

/// The country of a number (ISO 3166-1, two letters) by its calling code; of those that share a code the one
/// that the digits behind it belong to. Empty: of none (satellites, services).
std::string_view country_of_number(std::string_view e164);

/// True when the number is of one of these countries.
bool may_text(std::string_view e164, const std::vector<std::string>& countries);

/// What a tenant has sent lately, and may.
struct sms_standing {
  std::vector<std::string> countries; // of the tenant's policy
  bool is_new = false;                // the tenant is younger than a week
  std::int64_t to_number_today = 0;   // by all tenants
  std::int64_t to_prefix_today = 0;   // by this one, to numbers that begin alike (`sms_prefix`)
};
/// Why nothing more goes to the number now, for operators; empty: it may go.
std::string why_no_sms(std::string_view e164, const sms_standing& standing, double limits_scale = 1);

/// What numbers of one block begin with: blocks are what those who pump are paid for.
std::string_view sms_prefix(std::string_view e164);

/// What becomes of a message by what its provider tells of it later: nothing, where it says nothing new, or
/// speaks of an attempt that is not the last. What was delivered stays so. `attempts` are those so far,
/// `failure` is why it did not arrive, `chance` is from [0, 1).
std::optional<delivery_report> after_telling(
    notification_status now,
    bool is_last,
    int attempts,
    sms_state told,
    delivery_outcome failure,
    double chance
);

} // namespace tessera
