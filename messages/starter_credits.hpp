#pragma once

#include "messages/types/credits.hpp"
#include "messages/types/entity.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"

#include <cstdint>
#include <string>

/// Credits that come with an invitation (contract 5 `starterCredits`; decision 0059): set aside at the source
/// while it is pending, and moved once when it is accepted.
namespace tessera {

struct starter_credits {
  account_id from;
  entity_ref from_ref;
  account_id to;
  entity_ref to_ref;
  credits amount;

  friend bool operator==(const starter_credits&, const starter_credits&) = default;
};

/// What became of them. The first is while the invitation is pending; `moving` and `returning` until the
/// source has done what it was told.
enum class starter_state : std::uint8_t { reserved, moving, moved, returning, returned };
inline std::string_view to_string(starter_state state) {
  constexpr std::string_view names[] = {"reserved", "moving", "moved", "returning", "returned"};
  return names[static_cast<std::size_t>(state)];
}

struct starter_credits_view {
  starter_credits what;
  starter_state state = starter_state::reserved;
  credits moved;
  time_point held_until; // at least so long, while they are reserved
};

/// The call goes on when the account has set the credits aside: it is to be made again with this.
struct reservation_asked {
  inbox_id id; // of the row that asks for it
  account_id account;
  entity_ref source; // whose account it is
  time_point until;  // their lots live so long
};

/// The source has too little, or is frozen: what a spend would be told there. `available` is what the source
/// has that may move.
struct starter_shortage {
  rejection why;
  entity_ref source;
  std::string application; // of the caller
};

} // namespace tessera
