#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tessera::bench {

/// Counts durations in buckets whose width is at most 1/64 of their value, so that a percentile is at most
/// 1.6 % too high. Recording costs a few nanoseconds and no memory.
class histogram {
public:
  void record(std::chrono::nanoseconds duration);

  std::uint64_t count() const { return count_; }
  std::chrono::nanoseconds longest() const { return longest_; }
  /// The upper edge of the bucket that holds the given share (0..1) of the durations; 0 without any.
  std::chrono::nanoseconds percentile(double share) const;

private:
  static constexpr std::size_t sub_buckets = 64;

  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t upper_edge(std::size_t bucket);

  std::array<std::uint64_t, 60 * sub_buckets> buckets_{};
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds longest_{0};
};

} // namespace tessera::bench
