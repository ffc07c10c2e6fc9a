#pragma once

#include "messages/types/time.hpp"

#include <chrono>
#include <cstdint>

namespace tessera {

/// Whether a provider is asked (R-I 4.2): not after five failures one behind the other, or more than half of
/// the last twenty; after 30 s a single message tries whether it is well again.
class circuit_breaker {
public:
  enum class state : std::uint8_t { closed, open, half_open };

  state state_at(time_point now) const;
  /// How many messages may go to it now.
  int admits(time_point now, int wanted) const;
  /// What came of one. Of a recipient's fault the provider is not guilty: that is none of its failures.
  void note(bool well, time_point now);

private:
  static constexpr int most_in_a_row = 5;
  static constexpr int looked_back = 20;
  static constexpr std::chrono::seconds pause{30};

  void open(time_point now);

  bool is_open_ = false;
  time_point until_{};
  int in_a_row_ = 0;
  std::uint32_t lately_ = 0; // a bit each, set for a failure, the youngest first
  int known_ = 0;
};

} // namespace tessera
