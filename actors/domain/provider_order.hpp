#pragma once

#include "actors/domain/circuit_breaker.hpp"
#include "messages/notifications.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// Which of a channel's providers are asked for a message (R-I 4.2): in their order, those that are not
/// known to fail. What one of them may have is for that one only (W-45).
class provider_order {
public:
  explicit provider_order(std::vector<std::string> names);

  const std::string& name(std::size_t which) const { return members_[which].name; }
  /// How many messages may be taken up now, of `wanted`.
  int admits(time_point now, int wanted) const;
  /// Whom to ask, the first one first. `pinned`: the provider that may have it already; empty: none.
  std::vector<std::size_t> candidates(time_point now, std::string_view pinned = {}) const;
  void note(std::size_t which, const delivery_outcome& outcome, time_point now);

private:
  struct member {
    std::string name;
    circuit_breaker breaker;
  };
  std::vector<member> members_;
};

/// True when another provider may be asked: this one was at fault, and has not got the message.
bool may_move_on(const delivery_outcome& outcome);

} // namespace tessera
