#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace tessera::test {

/// Numbers that look random and follow from the seed, the same with every compiler (SplitMix64).
class dice {
public:
  explicit dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    auto mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }
  /// 0 to n-1; 0 where n is 0.
  std::size_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(next() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class List> decltype(auto) pick(const List& from) { return from[below(std::size(from))]; }

private:
  std::uint64_t state_;
};

} // namespace tessera::test
