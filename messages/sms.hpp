#pragma once

#include "messages/notifications.hpp"

#include <optional>
#include <string>

/// What the provider of SMS tells us afterwards (docs/decisions/0063-sms.md).
namespace tessera {

enum class sms_state : std::uint8_t {
  under_way, // taken, queued, sent to the carrier
  delivered,
  failed, // for good, or for now: the code says
};

/// Of one that we sent. Makes a sms_told_answer, also of what nobody knows any more.
struct sms_told {
  std::optional<uuid> notification; // as we said when we sent it
  std::string provider_id;
  sms_state state = sms_state::under_way;
  int code = 0; // the provider's, of what failed
};
struct sms_told_answer {
  bool is_known = false;
};

/// Of somebody who answered an SMS with a word that means something. Makes a sms_wish_kept.
struct sms_wish {
  std::string number;     // E.164
  bool wants_none = true; // STOP; false: START
};
struct sms_wish_kept {};

} // namespace tessera
