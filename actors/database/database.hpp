#pragma once

#include "actors/database/answer.hpp"
#include "messages/account_tokens.hpp"
#include "messages/accounts.hpp"
#include "messages/alert_settings.hpp"
#include "messages/allocations.hpp"
#include "messages/balances.hpp"
#include "messages/directory.hpp"
#include "messages/directory_upsert.hpp"
#include "messages/entities.hpp"
#include "messages/grants.hpp"
#include "messages/holds.hpp"
#include "messages/idempotency.hpp"
#include "messages/key_management.hpp"
#include "messages/message_wordings.hpp"
#include "messages/notification_views.hpp"
#include "messages/purchases.hpp"
#include "messages/reversals.hpp"
#include "messages/sessions.hpp"
#include "messages/suppressions.hpp"
#include "messages/tenants.hpp"
#include "messages/transactions.hpp"
#include "messages/usage.hpp"
#include "messages/users.hpp"
#include "messages/webhooks.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace tessera {

class clock;
class token_secret;
// messages/invitations.hpp
struct activity_page;
struct invitation_answer;
struct invitation_call;
struct invitation_figures;
struct invitation_figures_query;
struct invitation_page;
struct invitation_preview;
struct invitation_query;
struct invitation_view;
struct list_activities;
struct list_invitations;
struct list_own_invitations;
// messages/sms.hpp
struct sms_told;
struct sms_told_answer;
struct sms_wish;
struct sms_wish_kept;
struct preview_invitation;

struct database_options {
  std::string url; // a login that may become tessera_api
  unsigned workers = 2;
  std::size_t max_queued = 1'000;
  std::chrono::milliseconds report_limit{15'000}; // a report reads every entry concerned
  std::chrono::milliseconds import_limit{15'000}; // an import writes a whole directory
  const token_secret* secret = nullptr;           // of the tokens of invitations
  std::function<void()> told{};                   // events are durable that others hear of; may be nothing
  /// Why no webhook goes to that URL; empty: one may. Nothing: none may.
  std::function<std::string(const std::string& url)> flaw_of_target{};
};

/// Everything that is not a balance: one tenant's rows, one transaction per request, behind row-level
/// security. A few threads with a session each and a bounded queue for what is written; as many for reads
/// that may take long (lists, the past, rollups: decision 0030); reports have a thread, a queue and a longer
/// time limit of their own (decision 0023), and so has what writes a whole directory. Failures: overloaded
/// and database_unavailable (nothing happened), internal (a bug; nothing happened), outcome_unknown (the
/// connection was lost while committing).
class database {
public:
  database(database_options options, node_incarnation writer, const clock& time);
  ~database();

  // Changes without a money effect: what they make and what the caller is told commit together.
  void run(repeatable<create_entity, entity_created> call, answer_of<kept_answer> answer);
  void run(repeatable<create_application, application_created> call, answer_of<kept_answer> answer);
  void run(repeatable<create_package, credit_package> call, answer_of<kept_answer> answer);
  void run(repeatable<edit_package, credit_package> call, answer_of<kept_answer> answer);

  // The directory, people and keys: likewise.
  void run(repeatable<edit_entity, entity_view> call, answer_of<kept_answer> answer);
  void run(repeatable<delete_entity, entity_deleted> call, answer_of<kept_answer> answer);
  void run(repeatable<edit_application, application_view> call, answer_of<kept_answer> answer);
  void run(repeatable<delete_application, application_deleted> call, answer_of<kept_answer> answer);
  void run(repeatable<upsert_directory, directory_upserted> call, answer_of<kept_answer> answer);
  /// The answer that is kept is worded without the key.
  void run(repeatable<create_api_key, api_key_created> call, answer_of<kept_answer> answer);
  void run(repeatable<edit_api_key, api_key_view> call, answer_of<kept_answer> answer);
  void run(repeatable<revoke_api_key, api_key_revoked> call, answer_of<kept_answer> answer);
  void run(repeatable<edit_user, user_view> call, answer_of<kept_answer> answer);
  void run(repeatable<remove_user, user_removed> call, answer_of<kept_answer> answer);
  void run(repeatable<create_tenant, tenant_created> call, answer_of<kept_answer> answer);
  void run(repeatable<edit_tenant, tenant_view> call, answer_of<kept_answer> answer);

  void run(entity_query query, answer_of<entity_view> answer);
  void run(list_entities query, answer_of<entity_page> answer);
  void run(application_query query, answer_of<application_view> answer);
  void run(list_applications query, answer_of<application_page> answer);
  void run(read_directory query, answer_of<directory_page> answer);
  void run(api_key_query query, answer_of<api_key_view> answer);
  void run(list_api_keys query, answer_of<api_key_page> answer);
  void run(user_query query, answer_of<user_view> answer);
  void run(list_users query, answer_of<user_page> answer);
  void run(tenant_query query, answer_of<tenant_view> answer);
  void run(list_tenants query, answer_of<tenant_page> answer);
  /// The first answer under a key, for what is not there any more. Rejections: entity_unknown (there is
  /// none), idempotency_key_reused.
  void run(kept_answer_query query, answer_of<kept_answer> answer);
  /// Nobody waits for it, and it may be lost.
  void note(api_key_used used);

  void run(list_packages query, answer_of<package_list> answer);
  void run(package_query query, answer_of<credit_package> answer);
  void run(purchase_credits command, answer_of<purchase_accepted> answer);
  void run(purchase_query query, answer_of<purchase_receipt> answer);
  void run(grant_credits command, answer_of<grant_accepted> answer);
  void run(grant_query query, answer_of<grant_receipt> answer);
  void run(reversible_query query, answer_of<reversible_spend> answer);
  void run(allocation_query query, answer_of<allocation> answer);
  void run(list_allocations query, answer_of<allocation_page> answer);
  void run(list_purchases query, answer_of<purchase_page> answer);
  void run(find_purchase query, answer_of<purchase_view> answer);
  void run(list_transactions query, answer_of<transaction_page> answer);
  void run(validity_query query, answer_of<validity> answer);
  void run(hold_query query, answer_of<hold_view> answer);
  void run(list_holds query, answer_of<hold_page> answer);
  void run(rollup_query query, answer_of<balance_rollup> answer);
  void run(past_balance_query query, answer_of<balance_view> answer);
  void run(usage_query query, answer_of<usage_report> answer);

  // Signing in: the tenant is found out in the transaction where the caller does not say it.
  void run(find_candidate query, answer_of<sign_in_candidate> answer);
  void run(open_session command, answer_of<session_opened> answer);
  void run(renew_session command, answer_of<session_opened> answer);
  void run(end_session command, answer_of<session_ended> answer);
  void run(link_identity command, answer_of<identity_linked> answer);
  void run(profile_query query, answer_of<user_profile> answer);

  // Invitations: of those who come with a token the tenant is found out in the transaction, too.
  void run(invitation_call call, answer_of<invitation_answer> answer);
  void run(preview_invitation query, answer_of<invitation_preview> answer);
  void run(invitation_query query, answer_of<invitation_view> answer);
  void run(invitation_figures_query query, answer_of<invitation_figures> answer);
  void run(list_invitations query, answer_of<invitation_page> answer);
  void run(list_own_invitations query, answer_of<invitation_page> answer);
  void run(list_activities query, answer_of<activity_page> answer);
  // Passwords that were forgotten, and addresses: likewise.
  void run(forgot_password command, answer_of<password_forgotten> answer);
  void run(account_token_query query, answer_of<account_token_found> answer);
  void run(reset_password command, answer_of<password_was_reset> answer);
  void run(verify_email command, answer_of<email_verified> answer);

  // What the provider of SMS tells: of no tenant, until it is found out in the transaction.
  void run(sms_told told, answer_of<sms_told_answer> answer);
  void run(sms_wish wish, answer_of<sms_wish_kept> answer);

  // What is written to people and systems, for those who administer a tenant.
  void run(list_notifications query, answer_of<notification_page> answer);
  void run(repeatable<retry_notification, notification_view> call, answer_of<kept_answer> answer);
  void run(list_webhook_endpoints query, answer_of<webhook_endpoint_page> answer);
  void run(webhook_endpoint_query query, answer_of<webhook_endpoint> answer);
  /// The answers that are kept are worded without the secret.
  void run(repeatable<create_webhook_endpoint, webhook_secret_made> call, answer_of<kept_answer> answer);
  void run(repeatable<rotate_webhook_secret, webhook_secret_made> call, answer_of<kept_answer> answer);
  void run(repeatable<edit_webhook_endpoint, webhook_endpoint> call, answer_of<kept_answer> answer);
  void run(repeatable<delete_webhook_endpoint, webhook_endpoint_deleted> call, answer_of<kept_answer> answer);

  // What people hear of, and in which words (wording_changes.cpp).
  void run(alert_settings_query query, answer_of<alert_settings> answer);
  void run(repeatable<set_alert_settings, alert_settings> call, answer_of<kept_answer> answer);
  void run(list_templates query, answer_of<template_list> answer);
  void run(template_query query, answer_of<worded_template> answer);
  void run(template_versions_query query, answer_of<template_list> answer);
  void run(repeatable<word_template, worded_template> call, answer_of<kept_answer> answer);
  void run(repeatable<test_template, test_message> call, answer_of<kept_answer> answer);
  void run(list_suppressions query, answer_of<suppression_page> answer);
  void run(repeatable<add_suppression, suppression_view> call, answer_of<kept_answer> answer);
  void run(repeatable<remove_suppression, suppression_removed> call, answer_of<kept_answer> answer);

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

} // namespace tessera
