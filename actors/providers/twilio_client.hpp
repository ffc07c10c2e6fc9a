#pragma once

#include "actors/providers/http_client.hpp"
#include "actors/providers/sms_provider.hpp"

#include <atomic>
#include <chrono>
#include <string>

namespace tessera {

struct twilio_options {
  std::string api_base; // https://api.twilio.com
  std::string account_sid;
  std::string auth_token;
  std::string from;         // a number, a name, or a messaging service (MG…)
  std::string callback_url; // where it tells what became of a message; empty: nowhere
  std::chrono::milliseconds limit{10'000};
};

/// A provider of SMS with the API of Twilio (Messages.json, 2010-04-01). What it answers is classified as in
/// R-I 4.2; an answer that is lost may mean that it has the message.
class twilio_client final : public sms_provider {
public:
  /// `stopping` ends the waiting, within a tenth of a second.
  twilio_client(twilio_options options, http_client& over, const std::atomic<bool>& stopping);

  std::string_view name() const override { return "twilio"; }
  delivery_outcome send(const outgoing_sms& message) override;

private:
  twilio_options options_;
  http_client& over_;
  const std::atomic<bool>& stopping_;
};

/// The request for one message.
outgoing_request twilio_request(const outgoing_sms& message, const twilio_options& options);
/// What came of it.
delivery_outcome outcome_of_twilio(const outgoing_outcome& outcome);

} // namespace tessera
