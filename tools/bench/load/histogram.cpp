#include "tools/bench/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tessera::bench {

// The first 128 buckets are one nanosecond wide; from there on each power of two has 64 of them.
std::size_t histogram::bucket_of(std::uint64_t value) {
  const auto width = static_cast<std::size_t>(std::bit_width(value));
  const auto shift = width > 7 ? width - 7 : 0;
  return shift * sub_buckets + static_cast<std::size_t>(value >> shift);
}

std::uint64_t histogram::upper_edge(std::size_t bucket) {
  if (bucket < 2 * sub_buckets) return bucket;
  const auto shift = bucket / sub_buckets - 1;
  return ((bucket - shift * sub_buckets + 1) << shift) - 1;
}

void histogram::record(std::chrono::nanoseconds duration) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  ++buckets_[std::min(bucket_of(value), buckets_.size() - 1)];
  ++count_;
  longest_ = std::max(longest_, duration);
}

std::chrono::nanoseconds histogram::percentile(double share) const {
  auto left = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  left = std::clamp<std::uint64_t>(left, 1, std::max<std::uint64_t>(count_, 1));
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    if (buckets_[bucket] >= left)
      return std::min(std::chrono::nanoseconds{static_cast<std::int64_t>(upper_edge(bucket))}, longest_);
    left -= buckets_[bucket];
  }
  return longest_;
}

} // namespace tessera::bench
