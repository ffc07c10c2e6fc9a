#pragma once

#include "messages/notifications.hpp"

namespace tessera {

/// What the provider's numbers for errors mean to us (Twilio's list).
struct sms_failure {
  delivery_failure failure = delivery_failure::permanent_config;
  bool opted_out = false;
};

/// Of a request that it refused, with the HTTP status.
sms_failure failure_of_refusal(int code, int status);
/// Of a message that it had taken and that did not arrive.
sms_failure failure_of_carriage(int code);

} // namespace tessera
