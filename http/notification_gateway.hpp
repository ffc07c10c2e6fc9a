#pragma once

#include "http/gateway.hpp"
#include "messages/account_tokens.hpp"
#include "messages/notification_views.hpp"
#include "messages/sms.hpp"
#include "messages/webhooks.hpp"

namespace tessera::http {

/// The part of the gateway that is about what is written to people and systems.
class notification_gateway {
public:
  explicit notification_gateway(gateway& all) : all_(all) {}

  // Passwords that were forgotten, and addresses (decision 0052).
  void change(forgot_password command, callback<password_forgotten> done);
  void find(account_token_query query, callback<account_token_found> done);
  void change(reset_password command, callback<password_was_reset> done);
  void change(verify_email command, callback<email_verified> done);

  // For those who administer a tenant. A change without a money effect: its first answer is kept under its
  // key.
  void list(list_notifications query, callback<notification_page> done);
  void list(list_webhook_endpoints query, callback<webhook_endpoint_page> done);
  void find(webhook_endpoint_query query, callback<webhook_endpoint> done);
  template <class Command, class Made>
  void change(repeatable<Command, Made> call, callback<kept_answer> done);

  // What the provider of SMS tells.
  void receive(sms_told told, callback<sms_told_answer> done);
  void receive(sms_wish wish, callback<sms_wish_kept> done);

private:
  gateway& all_;
};

} // namespace tessera::http
