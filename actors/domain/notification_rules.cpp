#include "actors/domain/notification_rules.hpp"

#include <algorithm>
#include <iterator>

namespace tessera {

namespace {

using enum notification_channel;

// clang-format off
constexpr notification_rule table[] = {
    // event                     channel  template           to                          while
    {"credits.purchased",        email,   "creditPurchase",  audience::buyer_and_admins, still_wanted::by_the_user, 5},
    {"credits.allocated",        email,   "creditAllocated", audience::admins,           still_wanted::by_the_user, 5},
    {"credits.refunded",         email,   "creditRefund",    audience::admins,           still_wanted::by_the_user, 5},
    {"credits.auto_topup_failed", email,  "autoTopUpFailure", audience::admins,          still_wanted::by_the_user, 4},
    {"credits.fraud_flagged",    email,   "fraudFlagged",    audience::admins,           still_wanted::by_the_user, 4},
    {"invitation.created",       email,   "invitation",      audience::invitee,          still_wanted::invitation,  2},
    {"invitation.resent",        email,   "invitation",      audience::invitee,          still_wanted::invitation,  2},
    {"invitation.reminded",      email,   "invitationReminder", audience::invitee,       still_wanted::invitation,  6},
    {"invitation.accepted",      email,   "invitationAccepted", audience::inviter,       still_wanted::by_the_user, 6},
    {"auth.password_forgotten",  email,   "passwordReset",   audience::forgetful,        still_wanted::token,       1},
    {"auth.email_unverified",    email,   "verifyEmail",     audience::account_holder,   still_wanted::token,       2},
};
// clang-format on

} // namespace

std::span<const notification_rule> notification_rules() {
  return table;
}

std::vector<notification_rule> rules_of(std::string_view kind) {
  std::vector<notification_rule> found;
  std::copy_if(std::begin(table), std::end(table), std::back_inserter(found), [&](const auto& rule) {
    return rule.kind == kind;
  });
  return found;
}

const notification_rule* find_rule(std::string_view kind, notification_channel channel) {
  const auto* found = std::find_if(std::begin(table), std::end(table), [&](const auto& rule) {
    return rule.kind == kind && rule.channel == channel;
  });
  return found == std::end(table) ? nullptr : found;
}

} // namespace tessera
