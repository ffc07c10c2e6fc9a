#pragma once

#include "messages/notifications.hpp"

#include <string>
#include <string_view>

namespace tessera {

/// A mail that is ready to travel.
struct outgoing_mail {
  std::string id;   // of the notification: the same at each attempt
  std::string from; // of the envelope
  std::string to;
  std::string bytes;
};

/// Somebody who takes mail. Blocks, within a time limit of its own; for one thread.
class mail_provider {
public:
  virtual ~mail_provider() = default;
  virtual std::string_view name() const = 0;
  virtual delivery_outcome send(const outgoing_mail& message) = 0;
};

} // namespace tessera
