#include "http/gateway_implementation.hpp"
#include "http/notification_gateway.hpp"

#include <utility>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::password_forgotten>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::account_token_found>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::password_was_reset>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::email_verified>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::notification_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::webhook_endpoint_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::webhook_endpoint>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::template_list>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::worded_template>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::suppression_page>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::alert_settings>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::sms_told_answer>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tessera::result<tessera::sms_wish_kept>)

// What is written to people and systems.
namespace tessera::http {

void notification_gateway::change(forgot_password command, callback<password_forgotten> done) {
  all_.implementation_->run<password_forgotten>(
      std::move(command), all_.implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}
void notification_gateway::find(account_token_query query, callback<account_token_found> done) {
  all_.implementation_->read(query, std::move(done));
}
void notification_gateway::change(reset_password command, callback<password_was_reset> done) {
  all_.implementation_->run<password_was_reset>(
      std::move(command), all_.implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}
void notification_gateway::change(verify_email command, callback<email_verified> done) {
  all_.implementation_->run<email_verified>(
      command, all_.implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}

void notification_gateway::list(list_notifications query, callback<notification_page> done) {
  all_.implementation_->read(std::move(query), std::move(done));
}
void notification_gateway::list(list_webhook_endpoints query, callback<webhook_endpoint_page> done) {
  all_.implementation_->read(std::move(query), std::move(done));
}
void notification_gateway::find(webhook_endpoint_query query, callback<webhook_endpoint> done) {
  all_.implementation_->read(std::move(query), std::move(done));
}

void notification_gateway::list(list_templates query, callback<template_list> done) {
  all_.implementation_->read(query, std::move(done));
}
void notification_gateway::find(template_query query, callback<worded_template> done) {
  all_.implementation_->read(std::move(query), std::move(done));
}
void notification_gateway::list(template_versions_query query, callback<template_list> done) {
  all_.implementation_->read(std::move(query), std::move(done));
}
void notification_gateway::list(list_suppressions query, callback<suppression_page> done) {
  all_.implementation_->read(std::move(query), std::move(done));
}
void notification_gateway::find(alert_settings_query query, callback<alert_settings> done) {
  all_.implementation_->read(query, std::move(done));
}

/// The account reads its thresholds with its inbox.
void notification_gateway::set_alerts(
    repeatable<set_alert_settings, alert_settings> call, callback<kept_answer> done
) {
  auto& with = *all_.implementation_;
  const auto until = with.limit();
  const auto account = call.command.account;
  with.run<kept_answer>(
      std::move(call),
      until,
      errc::outcome_unknown,
      callback<kept_answer>([&with, until, account, done = std::move(done)](const result<kept_answer>& kept) {
        if (!kept) return done(kept);
        with.ask<inbox_absorbed>(
            account,
            caf::make_message(absorb_inbox{account, {}}),
            until,
            errc::outcome_unknown,
            callback<inbox_absorbed>([done, kept](const result<inbox_absorbed>& told) {
              told ? done(kept) : done(errc::outcome_unknown);
            })
        );
      })
  );
}

void notification_gateway::receive(sms_told told, callback<sms_told_answer> done) {
  all_.implementation_->run<sms_told_answer>(
      std::move(told), all_.implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}
void notification_gateway::receive(sms_wish wish, callback<sms_wish_kept> done) {
  all_.implementation_->run<sms_wish_kept>(
      std::move(wish), all_.implementation_->limit(), errc::outcome_unknown, std::move(done)
  );
}

template <class Command, class Made>
void notification_gateway::change(repeatable<Command, Made> call, callback<kept_answer> done) {
  all_.implementation_->change(std::move(call), std::move(done));
}
template void
    notification_gateway::change(repeatable<retry_notification, notification_view>, callback<kept_answer>);
template void notification_gateway::
    change(repeatable<create_webhook_endpoint, webhook_secret_made>, callback<kept_answer>);
template void notification_gateway::
    change(repeatable<rotate_webhook_secret, webhook_secret_made>, callback<kept_answer>);
template void
    notification_gateway::change(repeatable<edit_webhook_endpoint, webhook_endpoint>, callback<kept_answer>);
template void notification_gateway::
    change(repeatable<delete_webhook_endpoint, webhook_endpoint_deleted>, callback<kept_answer>);
template void notification_gateway::change(repeatable<word_template, worded_template>, callback<kept_answer>);
template void notification_gateway::change(repeatable<test_template, test_message>, callback<kept_answer>);
template void
    notification_gateway::change(repeatable<add_suppression, suppression_view>, callback<kept_answer>);
template void
    notification_gateway::change(repeatable<remove_suppression, suppression_removed>, callback<kept_answer>);

} // namespace tessera::http
