#include "http/routing/rejections.hpp"

#include "http/json/writer.hpp"

#include <atomic>

namespace tessera::http {

namespace {

struct status_row {
  unsigned status;
  std::string_view title;
};

status_row row_of(errc code) {
  switch (code) { // no default: a new code does not compile until it has a status
  case errc::ok: return {200, "OK"};
  case errc::entity_unknown: return {404, "There is no such entity"};
  case errc::package_unknown: return {404, "There is no such package"};
  case errc::allocation_unknown: return {404, "There is no such allocation"};
  case errc::purchase_unknown: return {404, "There is no such purchase"};
  case errc::hold_unknown: return {404, "There is no such hold"};
  case errc::transaction_unknown: return {404, "There is no such transaction"};
  case errc::api_key_unknown: return {404, "There is no such API key"};
  case errc::user_unknown: return {404, "There is no such user"};
  case errc::tenant_unknown: return {404, "There is no such tenant"};
  case errc::parent_unknown: return {404, "There is no entity to put it below"};
  case errc::application_unknown: return {422, "The tenant has no such application"};
  case errc::entity_out_of_scope: return {403, "The entity is not within the caller's reach"};
  case errc::insufficient_role: return {403, "The caller's role may not do this"};
  case errc::application_forbidden: return {403, "The application is not one of the caller's"};
  case errc::invalid_assignments: return {422, "The assignments do not fit the role"};
  case errc::invalid_price: return {422, "The price is not valid"};
  case errc::invalid_timezone: return {422, "There is no such time zone"};
  case errc::directory_cycle: return {422, "An entity can't be below itself"};
  case errc::id_taken: return {409, "The id is taken"};
  case errc::directory_full: return {409, "The tenant has as many as it may have"};
  case errc::idempotency_key_reused: return {422, "The idempotency key stands for another command"};
  case errc::partially_replayed: return {409, "Some of the items have been spent before"};
  case errc::precondition_failed: return {412, "It is not the version that If-Match names"};
  case errc::entity_has_children: return {409, "There are entities below it"};
  case errc::entity_has_credits: return {409, "It has credits"};
  case errc::entity_has_holds: return {409, "It has credits that are held"};
  case errc::entity_has_pending: return {409, "It owes credits, or some are on their way to it or from it"};
  case errc::entity_closed: return {409, "The entity was deleted"};
  case errc::last_tenant_admin: return {409, "A tenant keeps an administrator"};
  case errc::approval_required: return {409, "A tenant_admin needs approval"};
  case errc::seat_limit_reached: return {409, "The tenant has no seat left"};
  case errc::package_inactive: return {409, "The package is not sold any more"};
  case errc::payment_method_unavailable: return {422, "The payment method is not available"};
  case errc::payment_method_unknown: return {404, "There is no such payment method"};
  case errc::purchase_not_payable: return {409, "The purchase can't be marked as paid"};
  case errc::purchase_not_refundable: return {409, "The purchase can't be refunded"};
  case errc::payment_declined: return {402, "The payment was declined"};
  case errc::payment_provider_unavailable: return {503, "The payment provider is away"};
  case errc::event_unreadable: return {400, "It is no event"};
  case errc::plan_limit_reached: return {409, "The tenant's plan allows no more"};
  case errc::purchase_limit_reached: return {409, "As much may not be bought in that time"};
  case errc::fraud_flag_unknown: return {404, "There is no such flag"};
  case errc::fraud_flag_not_open: return {409, "It was decided already"};
  case errc::not_the_holder: return {403, "Somebody else holds it"};
  case errc::not_the_spender: return {403, "Somebody else spent it"};
  case errc::hold_not_open: return {409, "The hold is not open any more"};
  case errc::too_many_holds: return {409, "The entity has too many open holds"};
  case errc::end_has_passed: return {422, "It would be over already"};
  case errc::entity_frozen: return {403, "The entity is frozen"};
  case errc::amount_out_of_range: return {422, "The amount is out of range"};
  case errc::capture_exceeds_hold: return {422, "The hold does not have as much"};
  case errc::nothing_to_reverse: return {422, "There is not as much to reverse"};
  case errc::lots_expire_before_invitation: return {422, "No credits live as long as the invitation"};
  case errc::insufficient_credits: return {402, "Not enough credits"};
  case errc::overloaded: return {503, "The service is busy"};
  case errc::database_unavailable: return {503, "The database is away"};
  case errc::reversed_meanwhile: return {503, "Others reverse it at the same time"};
  case errc::not_owner: return {503, "This node does not own the account"};
  case errc::outcome_unknown: return {503, "The outcome is unknown"};
  case errc::internal: return {500, "Something went wrong here"};
  case errc::notification_unknown: return {404, "There is no such notification"};
  case errc::notification_not_over: return {409, "The notification need not be sent again"};
  case errc::webhook_endpoint_unknown: return {404, "There is no such endpoint"};
  case errc::too_many_endpoints: return {409, "The tenant has as many endpoints as it may have"};
  case errc::webhook_target_refused: return {422, "Nothing is sent to such an address"};
  case errc::template_unknown: return {404, "There is no such template"};
  case errc::suppression_unknown: return {404, "The address is not suppressed"};
  }
  return {500, "Something went wrong here"};
}

std::string default_detail(errc code) {
  switch (code) {
  case errc::outcome_unknown:
    return "It may or may not have happened. Retry with the same key to learn which.";
  case errc::overloaded: return "Nothing happened. Try again after the time in Retry-After.";
  case errc::database_unavailable: return "Nothing happened. Try again after the time in Retry-After.";
  case errc::idempotency_key_reused:
    return "Use a new key for a new command; repeat the old command unchanged.";
  case errc::partially_replayed: return "Nothing happened. `item` is the first that was spent before.";
  case errc::not_the_holder:
    return "A hold is captured and released by whoever made it, or who administers its entity.";
  case errc::not_the_spender: return "A spend is reversed by whoever made it, or who administers its entity.";
  case errc::nothing_to_reverse: return "Of a spend or a capture, `wouldAllow` is left.";
  case errc::reversed_meanwhile: return "Nothing happened. Try again after the time in Retry-After.";
  case errc::capture_exceeds_hold:
    return "`wouldAllow` is what it has; overage \"spend\" takes the rest from the balance.";
  case errc::precondition_failed: return "Read it again, and decide anew.";
  default: return {};
  }
}

/// What was available before the batch says nothing about an item in its middle.
std::string detail_of_item(const rejection& why) {
  return "Item " + std::to_string(*why.item) + " requested " + std::to_string(why.requested.value()) +
         "; those before it leave " + std::to_string(why.would_allow.value()) + ". Nothing was spent.";
}

/// Spread, so that those who were turned away together do not come back together.
int retry_after() {
  static std::atomic<unsigned> turn{0};
  return 1 + static_cast<int>(turn.fetch_add(1, std::memory_order_relaxed) % 3);
}

std::string_view text_of(blocked_by kind) {
  switch (kind) {
  case blocked_by::none: return "none";
  case blocked_by::balance: return "balance";
  case blocked_by::budget: return "budget";
  case blocked_by::debt: return "debt";
  case blocked_by::frozen: return "frozen";
  }
  return "none";
}

} // namespace

problem simple_problem(unsigned status, std::string_view code, std::string_view title, std::string detail) {
  problem p;
  p.status = status;
  p.code = code;
  p.title = title;
  p.detail = std::move(detail);
  return p;
}

problem problem_of(const rejection& why) {
  const auto [status, title] = row_of(why.code);
  auto p = simple_problem(
      status, to_string(why.code), title, why.detail.empty() ? default_detail(why.code) : why.detail
  );
  if (status == 503) p.retry_after_seconds = retry_after();
  if (why.item) p.extensions = "\"item\":" + std::to_string(*why.item);
  if (!why.state.empty()) p.extensions = "\"state\":\"" + std::string(why.state) + "\"";
  if (why.code == errc::capture_exceeds_hold || why.code == errc::nothing_to_reverse)
    p.extensions = "\"requested\":" + std::to_string(why.requested.value()) +
                   ",\"wouldAllow\":" + std::to_string(why.would_allow.value());
  if (why.replayed) p.headers.emplace_back("Idempotent-Replayed", "true");
  return p;
}

void write_blocked_by(
    json::writer& out, blocked_by kind, const entity_ref& entity, std::string_view application
) {
  out.key("blockedBy").begin_object().field("kind", text_of(kind));
  out.field("entityType", to_string(entity.type)).field("entityId", entity.id);
  out.field("application", application).end_object();
}

problem problem_of(const rejection& why, const entity_ref& entity, std::string_view application) {
  auto p = problem_of(why);
  if (why.blocker == blocked_by::none) return p;
  if (p.detail.empty())
    p.detail = why.item && why.blocker != blocked_by::frozen
                   ? detail_of_item(why)
                   : "Requested " + std::to_string(why.requested.value()) + ", available " +
                         std::to_string(why.available.value()) + ".";
  std::string members;
  json::writer out(members);
  out.begin_object();
  write_blocked_by(out, why.blocker, entity, application);
  out.field("requested", why.requested.value()).field("availableCredits", why.available.value());
  out.field("wouldAllow", why.would_allow.value()).end_object();
  if (!p.extensions.empty()) p.extensions += ',';
  p.extensions.append(members, 1, members.size() - 2); // the members without the braces
  return p;
}

} // namespace tessera::http
