#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace tessera::paysim {

/// Everything random of one sandbox: the same seed gives the same ids and the same chaos.
class dice {
public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}

  /// Below `range`.
  std::uint64_t below(std::uint64_t range) { return engine_() % range; }
  bool percent(unsigned chance) { return below(100) < chance; }
  std::string letters(std::size_t count) {
    constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string made;
    while (made.size() < count)
      made += alphabet[below(alphabet.size())];
    return made;
  }

private:
  std::mt19937_64 engine_;
};

} // namespace tessera::paysim
