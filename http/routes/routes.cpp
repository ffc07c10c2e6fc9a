#include "http/auth/bearer.hpp"
#include "http/auth/cookies.hpp"
#include "http/auth/entrance.hpp"
#include "http/routes/auth/auth.hpp"
#include "http/routes/credits/alerts.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/directory/directory.hpp"
#include "http/routes/invitations/bulk.hpp"
#include "http/routes/invitations/invitations.hpp"
#include "http/routes/invitations/links.hpp"
#include "http/routes/notifications/notifications.hpp"
#include "http/routes/notifications/wordings.hpp"
#include "http/routes/operations/operations.hpp"
#include "http/routes/operations/page_file.hpp"
#include "http/routes/plans/plans.hpp"
#include "http/routes/privacy/privacy.hpp"
#include "http/routes/service.hpp"
#include "http/routes/webhooks/webhooks.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::size_t batch_body_limit = 4 * 1024 * 1024;     // of metering batches (contract 2 `limits`)
constexpr std::size_t directory_body_limit = 4 * 1024 * 1024; // of a whole directory: 10,000 entities

/// Whoever shows who they are is asked at the door; others come in as nobody.
handler either(handler known, handler nobody) {
  return [known = std::move(known), nobody = std::move(nobody)](request& request, const responder& respond) {
    const bool shows = bearer_token(request) || find_cookie(request, access_cookie).is_there;
    shows ? known(request, respond) : nobody(request, respond);
  };
}
constexpr std::size_t bulk_body_limit = 16 * 1024 * 1024; // of many invitations
constexpr std::size_t webhook_body_limit = 256 * 1024;

} // namespace

std::vector<route> api_routes(service& with) {
  const entrance door(
      with.behind,
      {with.operator_key_sha256,
       with.verifier,
       with.now,
       with.calls,
       with.trusted_proxies,
       with.public_base_url}
  );
  const auto to = [&door](act what, caller_handler handle) { return door.to(what, std::move(handle)); };
  return {
      {"POST",
       "/api/credits/consume",
       to(act::spend, consume(with)),
       batch_body_limit,
       "application/json, application/cloudevents+json, application/cloudevents-batch+json"},
      {"GET", "/api/credits/balance/:entityType/:entityId", to(act::read_balance, balance(with))},
      {"GET", "/api/credits/lots/:entityType/:entityId", to(act::read_balance, lots(with))},
      {"GET", "/api/credits/alerts/:entityType/:entityId", to(act::read_balance, alerts(with))},
      {"PUT", "/api/credits/alerts/:entityType/:entityId", to(act::settle_holds, set_alerts(with))},
      {"POST", "/api/credits/holds", to(act::hold, hold(with))},
      {"GET", "/api/credits/holds", to(act::read_ledger, holds(with))},
      {"GET", "/api/credits/holds/:id", to(act::read_ledger, one_hold(with))},
      {"POST", "/api/credits/holds/:id/capture", to(act::hold, capture(with))},
      {"POST", "/api/credits/holds/:id/release", to(act::hold, release(with))},
      {"POST", "/api/credits/reversals", to(act::reverse, reverse(with))},
      {"POST", "/api/credits/grants", to(act::grant, grant(with))},
      {"POST", "/api/credits/simulate", door.to_whatever(simulate(with))},
      {"POST", "/api/credits/purchase", to(act::purchase, purchase(with))},
      {"POST", "/api/credits/allocate", to(act::allocate, allocate(with))},
      {"POST", "/api/credits/return", to(act::give_back, give_back(with))},
      {"POST", "/api/credits/reclaim", to(act::allocate, reclaim(with))},
      {"POST", "/api/credits/freeze", to(act::freeze, freeze(with))},
      {"POST", "/api/credits/unfreeze", to(act::freeze, unfreeze(with))},
      {"GET", "/api/credits/allocations", to(act::read_ledger, allocations(with))},
      {"GET", "/api/credits/allocations/:id", to(act::read_ledger, allocation(with))},
      {"GET", "/api/credits/purchases", to(act::read_ledger, purchases(with))},
      {"GET", "/api/credits/purchases/:id", to(act::read_ledger, one_purchase(with))},
      {"GET", "/api/credits/purchases/:id/invoice", to(act::read_ledger, invoice(with))},
      {"POST", "/api/credits/purchases/:id/mark-paid", to(act::settle_purchases, mark_paid(with))},
      {"POST", "/api/credits/purchases/:id/refund", to(act::refund, refund_purchase(with))},
      {"GET", "/api/credits/payment-methods", to(act::purchase, payment_methods(with))},
      {"POST", "/api/credits/payment-methods", to(act::purchase, attach_payment_method(with))},
      {"DELETE", "/api/credits/payment-methods/:id", to(act::purchase, detach_payment_method(with))},
      {"GET", "/api/credits/auto-topup/:entityType/:entityId", to(act::read_balance, auto_topup(with))},
      {"PUT", "/api/credits/auto-topup/:entityType/:entityId", to(act::purchase, set_auto_topup_terms(with))},
      {"GET", "/api/credits/fraud", to(act::refund, fraud_flags(with))},
      {"GET", "/api/credits/fraud/rules", to(act::refund, fraud_rules(with))},
      {"PUT", "/api/credits/fraud/rules", to(act::refund, set_fraud_rules_route(with))},
      {"POST", "/api/credits/fraud/:id/approve", to(act::refund, approve_flagged(with))},
      {"POST", "/api/credits/fraud/:id/reject", to(act::refund, reject_flagged(with))},
      {"GET", "/api/credits/packages", to(act::read_packages, packages(with))},
      {"POST",
       "/api/credits/packages",
       to(act::read_packages, create_package(with))}, // lists, without a body
      {"GET", "/api/credits/packages/:id", to(act::read_packages, one_package(with))},
      {"PUT", "/api/credits/packages/:id", to(act::edit_packages, edit_package(with))},
      {"DELETE", "/api/credits/packages/:id", to(act::edit_packages, end_package(with))},
      {"GET", "/api/credits/transactions", to(act::read_ledger, transactions(with))},
      {"GET", "/api/credits/usage", to(act::read_ledger, usage(with))},

      {"POST", "/api/organizations", to(act::edit_directory, create_organization(with))},
      {"POST", "/api/locations", to(act::edit_directory, create_location(with))},
      {"GET", "/api/organizations", to(act::read_directory, organizations(with))},
      {"GET", "/api/organizations/:id", to(act::read_directory, one_organization(with))},
      {"PUT", "/api/organizations/:id", to(act::edit_directory, edit_organization(with))},
      {"DELETE", "/api/organizations/:id", to(act::edit_directory, delete_organization(with))},
      {"GET", "/api/locations", to(act::read_directory, locations(with))},
      {"GET", "/api/locations/:id", to(act::read_directory, one_location(with))},
      {"PUT", "/api/locations/:id", to(act::edit_directory, edit_location(with))},
      {"DELETE", "/api/locations/:id", to(act::edit_directory, delete_location(with))},
      {"POST", "/api/applications", to(act::edit_applications, create_application(with))},
      {"GET", "/api/applications", to(act::read_applications, applications(with))},
      {"GET", "/api/applications/:id", to(act::read_applications, one_application(with))},
      {"PUT", "/api/applications/:id", to(act::edit_applications, edit_application(with))},
      {"DELETE", "/api/applications/:id", to(act::edit_applications, delete_application(with))},
      {"GET", "/api/directory", to(act::read_directory, whole_directory(with))},
      {"PUT", "/api/directory", to(act::edit_directory, upsert_directory(with)), directory_body_limit},
      {"POST", "/api/api-keys", to(act::manage_keys, create_api_key(with))},
      {"GET", "/api/api-keys", to(act::manage_keys, api_keys(with))},
      {"GET", "/api/api-keys/:id", to(act::manage_keys, one_api_key(with))},
      {"PUT", "/api/api-keys/:id", to(act::manage_keys, edit_api_key(with))},
      {"DELETE", "/api/api-keys/:id", to(act::manage_keys, revoke_api_key(with))},
      {"GET", "/api/users", to(act::read_users, users(with))},
      {"GET", "/api/users/:id", to(act::read_users, one_user(with))},
      {"PUT", "/api/users/:id", to(act::manage_users, edit_user(with))},
      {"DELETE", "/api/users/:id", to(act::manage_users, remove_user(with))},
      {"POST", "/api/invitations", to(act::invite, create_invitation(with))},
      {"GET", "/api/invitations", to(act::read_invitations, invitations(with))},
      {"POST", "/api/invitations/check", to(act::invite, check_invitation(with))},
      {"POST",
       "/api/invitations/bulk",
       to(act::invite, submit_invitations_in_bulk(with)),
       bulk_body_limit,
       "application/json, text/csv"},
      {"GET", "/api/invitations/bulk/:jobId", to(act::invite, invitation_job_progress(with))},
      {"POST", "/api/invitations/bulk/:jobId/pause", to(act::invite, pause_invitation_job(with))},
      {"POST", "/api/invitations/bulk/:jobId/resume", to(act::invite, resume_invitation_job(with))},
      {"POST", "/api/invitations/bulk/:jobId/cancel", to(act::invite, cancel_invitation_job(with))},
      {"GET", "/api/invitations/analytics", to(act::read_invitations, invitation_analytics(with))},
      {"GET", "/api/invitations/:id", to(act::read_invitations, one_invitation(with))},
      {"PUT", "/api/invitations/:id", to(act::invite, edit_invitation(with))},
      {"DELETE", "/api/invitations/:id", to(act::invite, cancel_invitation(with))},
      {"POST", "/api/invitations/resend/:id", to(act::invite, resend_invitation(with))},
      {"GET", "/api/invitations/:id/activities", to(act::read_invitations, invitation_activities(with))},
      {"POST", "/api/invitations/:id/revoke-access", to(act::invite, revoke_invitation_access(with))},
      {"POST", "/api/invitations/:id/approve", to(act::invite, approve_invitation(with))},
      {"POST", "/api/invitations/:id/reject", to(act::invite, reject_invitation(with))},
      {"POST", "/api/invitations/lookup", look_up_invitation(with)},
      {"POST", "/api/invitations/request-new", request_new_invitation(with)},
      {"POST",
       "/api/invitations/accept",
       either(to(act::read_self, accept_invitation_signed_in(with)), accept_invitation(with))},
      {"POST", "/api/invitations/decline", decline_invitation(with)},
      {"POST", "/api/invitation-links", to(act::invite, create_invitation_link(with))},
      {"GET", "/api/invitation-links", to(act::read_invitations, invitation_links(with))},
      {"GET", "/api/invitation-links/:id", to(act::read_invitations, one_invitation_link(with))},
      {"DELETE", "/api/invitation-links/:id", to(act::invite, revoke_invitation_link(with))},
      {"POST", "/api/invitation-links/lookup", look_up_invitation_link(with)},
      {"POST", "/api/invitation-links/join", join_by_link(with)},
      {"GET", "/join", join_page()},
      {"GET", "/join/script.js", join_page_script()},
      {"GET", "/api/me/invitations", to(act::read_self, own_invitations(with))},
      {"POST", "/api/me/invitations/:id/accept", to(act::read_self, accept_own_invitation(with))},
      {"POST", "/api/me/invitations/:id/decline", to(act::read_self, decline_own_invitation(with))},
      {"GET", "/accept-invitation", accept_page()},
      {"GET", "/accept-invitation/style.css", accept_page_style()},
      {"GET", "/accept-invitation/script.js", accept_page_script()},
      // Where the links of mails lead: opening them uses nothing up.
      {"GET", "/reset-password", page_of("reset.html")},
      {"GET", "/reset-password/style.css", style_of("accept.css")},
      {"GET", "/reset-password/script.js", script_of("reset.js")},
      {"GET", "/verify-email", page_of("verify.html")},
      {"GET", "/verify-email/style.css", style_of("accept.css")},
      {"GET", "/verify-email/script.js", script_of("verify.js")},
      {"GET", "/api/plans", to(act::read_packages, plans(with))},
      {"GET", "/api/tenant", to(act::read_tenant, own_tenant(with))},
      {"PUT", "/api/tenant", to(act::edit_tenant, edit_own_tenant(with))},
      {"POST", "/api/privacy/erase", to(act::edit_tenant, erase_person(with))},
      {"GET", "/api/privacy/export", to(act::edit_tenant, export_person(with))},
      {"POST", "/api/tenants", to(act::manage_tenants, create_tenant(with))},
      {"GET", "/api/tenants", to(act::manage_tenants, tenants(with))},
      {"GET", "/api/tenants/:id", to(act::manage_tenants, one_tenant(with))},
      {"PUT", "/api/tenants/:id", to(act::manage_tenants, edit_tenant(with))},

      {"GET", "/api/notifications", to(act::edit_tenant, notifications(with))},
      {"POST", "/api/notifications/:id/retry", to(act::edit_tenant, retry_notification(with))},
      {"GET", "/api/webhook-endpoints", to(act::edit_tenant, webhook_endpoints(with))},
      {"POST", "/api/webhook-endpoints", to(act::edit_tenant, create_webhook_endpoint(with))},
      {"GET", "/api/webhook-endpoints/:id", to(act::edit_tenant, one_webhook_endpoint(with))},
      {"PUT", "/api/webhook-endpoints/:id", to(act::edit_tenant, edit_webhook_endpoint(with))},
      {"DELETE", "/api/webhook-endpoints/:id", to(act::edit_tenant, delete_webhook_endpoint(with))},
      {"POST", "/api/webhook-endpoints/:id/rotate-secret", to(act::edit_tenant, rotate_webhook_secret(with))},
      {"GET", "/api/webhook-endpoints/:id/deliveries", to(act::edit_tenant, webhook_deliveries(with))},
      {"POST",
       "/api/webhook-endpoints/:id/deliveries/:deliveryId/replay",
       to(act::edit_tenant, replay_webhook_delivery(with))},
      {"GET", "/api/notification-templates", to(act::edit_tenant, templates(with))},
      {"GET", "/api/notification-templates/:key/:channel/:locale", to(act::edit_tenant, one_template(with))},
      {"PUT", "/api/notification-templates/:key/:channel/:locale", to(act::edit_tenant, word_template(with))},
      {"DELETE",
       "/api/notification-templates/:key/:channel/:locale",
       to(act::edit_tenant, withdraw_template(with))},
      {"GET",
       "/api/notification-templates/:key/:channel/:locale/versions",
       to(act::edit_tenant, template_versions(with))},
      {"POST",
       "/api/notification-templates/:key/:channel/:locale/preview",
       to(act::edit_tenant, preview_template(with))},
      {"POST",
       "/api/notification-templates/:key/:channel/:locale/test",
       to(act::edit_tenant, test_template(with))},
      {"GET", "/api/suppressions", to(act::edit_tenant, suppressions(with))},
      {"POST", "/api/suppressions", to(act::edit_tenant, add_suppression(with))},
      {"DELETE", "/api/suppressions/:id", to(act::edit_tenant, remove_suppression(with))},

      {"POST", "/api/auth/login", login(with)},
      {"POST", "/api/auth/refresh", refresh(with)},
      {"POST", "/api/auth/logout", logout(with)},
      {"POST", "/api/auth/password/forgot", forgot(with)},
      {"POST", "/api/auth/password/reset", reset(with)},
      {"POST", "/api/auth/email/verify", verify_address(with)},
      {"GET", "/api/auth/me", to(act::read_self, me(with))},
      {"GET", "/.well-known/jwks.json", jwks(with)},

      {"POST", "/webhooks/stripe", stripe_webhook(with), webhook_body_limit},

      {"GET", "/healthz", healthz()},
      {"GET", "/readyz", readyz(with)},
      {"GET", "/openapi.json", openapi()},
      {"GET", "/docs", reference_page()},
      {"GET", "/docs/problems", problems_page()},
      {"GET", "/docs/reference.css", reference_style()},
      {"GET", "/docs/reference.js", reference_script()},
  };
}

std::vector<route> admin_routes(service& with) {
  return {{"GET", "/metrics", metrics(with)}};
}

} // namespace tessera::http
