// Takes the place of http/gateway_notifying.cpp, as silent_gateway.cpp does of http/gateway.cpp.
#include "http/notification_gateway.hpp"
#include "tests/fuzz/examined.hpp"
#include "tests/fuzz/route_world.hpp"

namespace tessera::http {

namespace {

template <class Command, class Answer> void hear(const Command& command, const callback<Answer>& done) {
  fuzz::examine(command);
  fuzz::behind().heard += fuzz::mark_of(command);
  done(fuzz::behind().answer);
}

} // namespace

void notification_gateway::change(forgot_password command, callback<password_forgotten> done) {
  hear(command, done);
}
void notification_gateway::find(account_token_query query, callback<account_token_found> done) {
  hear(query, done);
}
void notification_gateway::change(reset_password command, callback<password_was_reset> done) {
  hear(command, done);
}
void notification_gateway::change(verify_email command, callback<email_verified> done) {
  hear(command, done);
}
void notification_gateway::list(list_notifications query, callback<notification_page> done) {
  hear(query, done);
}
void notification_gateway::list(list_webhook_endpoints query, callback<webhook_endpoint_page> done) {
  hear(query, done);
}
void notification_gateway::find(webhook_endpoint_query query, callback<webhook_endpoint> done) {
  hear(query, done);
}
void notification_gateway::list(list_templates query, callback<template_list> done) {
  hear(query, done);
}
void notification_gateway::find(template_query query, callback<worded_template> done) {
  hear(query, done);
}
void notification_gateway::list(template_versions_query query, callback<template_list> done) {
  hear(query, done);
}
void notification_gateway::list(list_suppressions query, callback<suppression_page> done) {
  hear(query, done);
}
void notification_gateway::find(alert_settings_query query, callback<alert_settings> done) {
  hear(query, done);
}
void notification_gateway::set_alerts(
    repeatable<set_alert_settings, alert_settings> call, callback<kept_answer> done
) {
  fuzz::examine(call.command);
  hear(call, done);
}
void notification_gateway::receive(sms_told told, callback<sms_told_answer> done) {
  hear(told, done);
}
void notification_gateway::receive(sms_wish wish, callback<sms_wish_kept> done) {
  hear(wish, done);
}

template <class Command, class Made>
void notification_gateway::change(repeatable<Command, Made> call, callback<kept_answer> done) {
  fuzz::examine(call.command);
  hear(call, done);
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
