#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace tessera {

/// A number of credits. Adds, subtracts and compares; nothing else (R-C 3.11).
class credits {
public:
  /// The largest request and the largest balance: a JSON client never loses a unit (2^53 - 1).
  static constexpr std::int64_t limit = 9'007'199'254'740'991;

  constexpr credits() = default;
  explicit constexpr credits(std::int64_t value) : value_(value) {}

  constexpr std::int64_t value() const { return value_; }
  constexpr bool is_zero() const { return value_ == 0; }

  friend constexpr auto operator<=>(credits, credits) = default;
  friend constexpr credits operator+(credits a, credits b) { return credits{a.value_ + b.value_}; }
  friend constexpr credits operator-(credits a, credits b) { return credits{a.value_ - b.value_}; }
  constexpr credits& operator+=(credits other) { return *this = *this + other; }
  constexpr credits& operator-=(credits other) { return *this = *this - other; }

  /// The sum, or nothing when it is above `limit`. For sums of numbers that were not checked together before.
  static constexpr std::optional<credits> checked_add(credits a, credits b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a.value_, b.value_, &sum) || sum > limit) return std::nullopt;
    return credits{sum};
  }

private:
  std::int64_t value_ = 0;
};

} // namespace tessera
