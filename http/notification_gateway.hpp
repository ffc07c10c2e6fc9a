#pragma once

#include "http/gateway.hpp"
#include "messages/account_tokens.hpp"
#include "messages/alert_settings.hpp"
#include "messages/message_wordings.hpp"
#include "messages/notification_views.hpp"
#include "messages/sms.hpp"
#include "messages/suppressions.hpp"
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
  void list(list_templates query, callback<template_list> done);
  void find(template_query query, callback<worded_template> done);
  void list(template_versions_query query, callback<template_list> done);
  void list(list_suppressions query, callback<suppression_page> done);
  template <class Command, class Made>
  void change(repeatable<Command, Made> call, callback<kept_answer> done);

  /// Why a tenant can't word a message so.
  static wording_refusal refusal_of(const wording_place& place, const wording& said);
  /// The variables that the message has; nothing: there is no such message.
  static std::optional<std::vector<std::string>> variables_of(const wording_place& place);
  /// What a recipient would see; without `values` what somebody who means no good would put in.
  static wording preview_of(
      const wording_place& place,
      const wording& said,
      const std::optional<template_variables>& values,
      const mail_look& look
  );

  // Of which balances people hear. Whoever is told that the settings are changed is told when they count.
  void find(alert_settings_query query, callback<alert_settings> done);
  void set_alerts(repeatable<set_alert_settings, alert_settings> call, callback<kept_answer> done);
  // What the provider of SMS tells.
  void receive(sms_told told, callback<sms_told_answer> done);
  void receive(sms_wish wish, callback<sms_wish_kept> done);

private:
  gateway& all_;
};

} // namespace tessera::http
