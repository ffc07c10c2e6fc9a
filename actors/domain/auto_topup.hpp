#pragma once

#include "messages/auto_topups.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

/// When and how much is bought by itself (R-C 3.12): pure.
namespace tessera {

inline constexpr std::chrono::seconds auto_topup_cool_down{30}; // after one that was paid
inline constexpr std::chrono::hours auto_topup_back_off{1};     // after one that was not
inline constexpr int most_auto_topup_declines = 3;              // then it is off

struct auto_topup_choice {
  std::int64_t packages = 0; // in one charge
  std::string_view cap;      // why none are bought: day, month, amount; empty: none are needed
};
/// As many packages as bring the balance back above what it fell to, in one charge, within the caps: fewer
/// where the money of the month is enough for some.
auto_topup_choice choose(const auto_topup_situation& now);

} // namespace tessera
