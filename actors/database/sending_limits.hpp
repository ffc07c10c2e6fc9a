#pragma once

#include "actors/database/invitation_parts.hpp"
#include "messages/send_limits.hpp"

#include <optional>
#include <string>
#include <vector>

/// How often invitations are sent (R-I 3.5), asked in the transaction that sends one; for invitation_*.cpp of
/// this folder only.
namespace tessera {

enum class sending_kind : std::uint8_t {
  anew,
  again,          // it is pending
  after_it_ended, // it was over and becomes pending
};
/// Who sends what to whom. `person` is an address behind its aliases, `pepper` what it is hashed with where
/// it was erased.
struct sending {
  tenant_id tenant;
  principal by;
  std::string person;
  digest pepper{};
  sending_kind kind = sending_kind::anew;
  double scale = 1;
  bool only_tries = false; // it is undone: nobody else waits for it
};
/// What is left of the limits of who sends, after this one.
struct sending_verdict {
  std::optional<invitation_answer> refused; // 429; 409 where too many are pending
  std::vector<limit_use> left;
};
/// Those of one inviter, and those to one person, are asked one after another from here on.
sending_verdict may_send(pg::transaction& in, const sending& what);

} // namespace tessera
