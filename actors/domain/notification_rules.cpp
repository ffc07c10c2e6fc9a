#include "actors/domain/notification_rules.hpp"

#include <algorithm>
#include <iterator>

namespace tessera {

namespace {

using enum notification_channel;

// clang-format off
constexpr notification_rule rule_table[] = {
    // event                     channel  template           to                          while
    {"credits.purchased",        email,   "creditPurchase",  audience::buyer_and_admins, still_wanted::by_the_user, 5},
    {"credits.purchased",        sms,     "creditPurchase",  audience::buyer_and_admins, still_wanted::by_the_user, 5},
    {"credits.low",              sms,     "creditLow",       audience::admins,           still_wanted::by_the_user, 4},
    {"credits.allocated",        email,   "creditAllocated", audience::admins,           still_wanted::by_the_user, 5},
    {"credits.refunded",         email,   "creditRefund",    audience::admins,           still_wanted::by_the_user, 5},
    {"credits.low",              email,   "creditLow",       audience::admins,           still_wanted::by_the_user, 4},
    {"credits.depleted",         email,   "creditLow",       audience::admins,           still_wanted::by_the_user, 4},
    {"credits.expiring",         email,   "creditExpiring",  audience::admins,           still_wanted::lot,         6},
    {"credits.auto_topup_failed", email,  "autoTopUpFailure", audience::admins,          still_wanted::by_the_user, 4},
    {"credits.plan_unpaid",      email,   "planUnpaid",      audience::admins,           still_wanted::by_the_user, 4},
    {"credits.fraud_flagged",    email,   "fraudFlagged",    audience::admins,           still_wanted::by_the_user, 4},
    {"invitation.created",       email,   "invitation",      audience::invitee,          still_wanted::invitation,  2},
    {"invitation.resent",        email,   "invitation",      audience::invitee,          still_wanted::invitation,  2},
    {"invitation.created",       sms,     "invitation",      audience::invitee,          still_wanted::invitation,  2},
    {"invitation.resent",        sms,     "invitation",      audience::invitee,          still_wanted::invitation,  2},
    {"invitation.reminded",      email,   "invitationReminder", audience::invitee,       still_wanted::invitation,  6},
    {"invitation.accepted",      email,   "invitationAccepted", audience::inviter,       still_wanted::by_the_user, 6},
    {"invitation.declined",      email,   "invitationDeclined", audience::inviter,       still_wanted::by_the_user, 6},
    {"invitation.reissue_requested", email, "invitationReissueRequest", audience::inviter, still_wanted::by_the_user, 5},
    {"invitation.approval_requested", email, "invitationApprovalRequest", audience::admins, still_wanted::by_the_user, 3},
    {"invitation.rejected",      email,   "invitationRejected", audience::inviter,       still_wanted::by_the_user, 5},
    {"invitation.expired_digest", email,  "invitationsExpired", audience::account_holder, still_wanted::by_the_user, 7},
    {"invitation.undelivered_digest", email, "invitationsUndelivered", audience::account_holder, still_wanted::by_the_user, 7},
    {"auth.password_forgotten",  email,   "passwordReset",   audience::forgetful,        still_wanted::token,       1},
    // Nobody is told of it: `send_test_message` makes the notification itself.
    {"template.tested",          email,   "",                audience::nobody,           still_wanted::always,      3},
    {"template.tested",          sms,     "",                audience::nobody,           still_wanted::always,      3},
    {"auth.email_unverified",    email,   "verifyEmail",     audience::account_holder,   still_wanted::token,       2},
};
// clang-format on

} // namespace

std::span<const notification_rule> notification_rules() {
  return rule_table;
}

std::vector<notification_rule> rules_of(std::string_view kind) {
  std::vector<notification_rule> found;
  std::copy_if(
      std::begin(rule_table),
      std::end(rule_table),
      std::back_inserter(found),
      [&](const auto& rule) { return rule.kind == kind; }
  );
  return found;
}

const notification_rule* find_rule(std::string_view kind, notification_channel channel) {
  const auto* found = std::find_if(std::begin(rule_table), std::end(rule_table), [&](const auto& rule) {
    return rule.kind == kind && rule.channel == channel;
  });
  return found == std::end(rule_table) ? nullptr : found;
}

} // namespace tessera
