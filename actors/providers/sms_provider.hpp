#pragma once

#include "messages/notifications.hpp"

#include <string>
#include <string_view>

namespace tessera {

/// An SMS that is ready to travel.
struct outgoing_sms {
  std::string id; // of the notification: the same at each attempt
  std::string to; // E.164
  std::string text;
  int segments = 1;
};

/// Somebody who takes SMS. Blocks, within a time limit of its own; for one thread.
class sms_provider {
public:
  virtual ~sms_provider() = default;
  virtual std::string_view name() const = 0;
  virtual delivery_outcome send(const outgoing_sms& message) = 0;
};

} // namespace tessera
