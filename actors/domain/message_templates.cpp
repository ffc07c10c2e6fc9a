#include "actors/domain/message_templates.hpp"

#include "actors/domain/template_html.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

namespace {

using enum notification_channel;

// clang-format off
const std::vector<template_kind>& table() {
  static const std::vector<template_kind> kinds{
      {"creditPurchase", email,
       {"organizationName", "entityName", "credits", "newBalance", "expiryDate", "packageName", "purchaseId", "amount"},
       {},
       {"Credit Purchase Confirmation",
        "<h2>Thank you for your purchase!</h2>\n"
        "<p>You've successfully purchased {{credits}} credits{{#entityName}} for {{entityName}}{{/entityName}}.</p>\n"
        "{{#amount}}<p>Amount: {{amount}}</p>\n{{/amount}}"
        "<p>New Balance: {{newBalance}} credits</p>\n"
        "{{#expiryDate}}<p>Expiry Date: {{expiryDate}}</p>\n{{/expiryDate}}",
        "Thank you for your purchase!\n\n"
        "You've successfully purchased {{credits}} credits{{#entityName}} for {{entityName}}{{/entityName}}.\n"
        "{{#amount}}Amount: {{amount}}\n{{/amount}}"
        "New Balance: {{newBalance}} credits\n"
        "{{#expiryDate}}Expiry Date: {{expiryDate}}\n{{/expiryDate}}"}},
      {"autoTopUpReceipt", email,
       {"organizationName", "entityName", "credits", "newBalance", "expiryDate", "packageName", "purchaseId", "amount"},
       {},
       {"Automatic Top-Up Receipt",
        "<h2>Automatic Top-Up</h2>\n"
        "<p>The balance{{#entityName}} of {{entityName}}{{/entityName}} was low, and {{credits}} credits were bought automatically.</p>\n"
        "{{#amount}}<p>Amount: {{amount}}</p>\n{{/amount}}"
        "<p>New Balance: {{newBalance}} credits</p>\n"
        "{{#expiryDate}}<p>Expiry Date: {{expiryDate}}</p>\n{{/expiryDate}}"
        "<p>Receipt: {{purchaseId}}</p>\n",
        "Automatic Top-Up\n\n"
        "The balance{{#entityName}} of {{entityName}}{{/entityName}} was low, and {{credits}} credits were bought automatically.\n"
        "{{#amount}}Amount: {{amount}}\n{{/amount}}"
        "New Balance: {{newBalance}} credits\n"
        "{{#expiryDate}}Expiry Date: {{expiryDate}}\n{{/expiryDate}}"
        "Receipt: {{purchaseId}}\n"}},
      {"autoTopUpFailure", email,
       {"organizationName", "entityName", "packageId", "reason", "endedBy"},
       {},
       {"Automatic Top-Up Failed",
        "<h2>Automatic Top-Up Failed</h2>\n"
        "<p>The balance{{#entityName}} of {{entityName}}{{/entityName}} is low, and no credits were bought.</p>\n"
        "<p>{{reason}}</p>\n"
        "{{#endedBy}}<p>The automatic top-up is off until somebody turns it on again.</p>\n{{/endedBy}}",
        "Automatic Top-Up Failed\n\n"
        "The balance{{#entityName}} of {{entityName}}{{/entityName}} is low, and no credits were bought.\n"
        "{{reason}}\n"
        "{{#endedBy}}The automatic top-up is off until somebody turns it on again.\n{{/endedBy}}"}},
      {"planUnpaid", email,
       {"organizationName", "planId", "reason", "nextAttemptAt", "purchaseId"},
       {},
       {"The month of your plan was not paid",
        "<h2>The month of your plan was not paid</h2>\n"
        "<p>The month of the plan {{planId}} was not paid, and its credits were not given.</p>\n"
        "<p>{{reason}}</p>\n"
        "{{#nextAttemptAt}}<p>It is tried again tomorrow.</p>\n{{/nextAttemptAt}}",
        "The month of your plan was not paid\n\n"
        "The month of the plan {{planId}} was not paid, and its credits were not given.\n"
        "{{reason}}\n"
        "{{#nextAttemptAt}}It is tried again tomorrow.\n{{/nextAttemptAt}}"}},
      {"fraudFlagged", email,
       {"organizationName", "entityName", "rule", "action", "observed", "limit", "packageId", "purchaseId"},
       {},
       {"A purchase was flagged",
        "<h2>A purchase was flagged</h2>\n"
        "<p>The rule {{rule}} has flagged a purchase of {{packageId}}{{#entityName}} for {{entityName}}{{/entityName}}: "
        "{{observed}}, where the limit is {{limit}}.</p>\n"
        "<p>Action: {{action}}{{#purchaseId}} ({{purchaseId}}){{/purchaseId}}</p>\n",
        "A purchase was flagged\n\n"
        "The rule {{rule}} has flagged a purchase of {{packageId}}{{#entityName}} for {{entityName}}{{/entityName}}: "
        "{{observed}}, where the limit is {{limit}}.\n"
        "Action: {{action}}{{#purchaseId}} ({{purchaseId}}){{/purchaseId}}\n"}},
      {"creditAllocated", email,
       {"organizationName", "entityName", "credits", "newBalance", "allocatedBy", "allocationId"},
       {},
       {"Credits Allocated to Your Account",
        "<h2>Credits Allocated</h2>\n"
        "<p>{{credits}} credits have been allocated to {{#entityName}}{{entityName}}{{/entityName}}{{^entityName}}your account{{/entityName}}.</p>\n"
        "<p>Allocated by: {{allocatedBy}}</p>\n"
        "<p>New Balance: {{newBalance}} credits</p>\n",
        "Credits Allocated\n\n"
        "{{credits}} credits have been allocated to {{#entityName}}{{entityName}}{{/entityName}}{{^entityName}}your account{{/entityName}}.\n"
        "Allocated by: {{allocatedBy}}\n"
        "New Balance: {{newBalance}} credits\n"}},
      {"creditRefund", email,
       {"organizationName", "entityName", "credits", "newBalance", "purchaseId"},
       {},
       {"Credits Refunded",
        "<h2>Credits Refunded</h2>\n"
        "<p>{{credits}} credits of {{entityName}} have been refunded.</p>\n"
        "<p>New Balance: {{newBalance}} credits</p>\n",
        "Credits Refunded\n\n"
        "{{credits}} credits of {{entityName}} have been refunded.\n"
        "New Balance: {{newBalance}} credits\n"}},
      {"creditLow", email,
       {"organizationName", "entityName", "availableCredits", "threshold"},
       {},
       {"{{#threshold}}Credits are running low{{/threshold}}{{^threshold}}No credits are left{{/threshold}}",
        "<h2>{{#threshold}}Credits are running low{{/threshold}}{{^threshold}}No credits are left{{/threshold}}</h2>\n"
        "<p>{{entityName}} has {{availableCredits}} credits left{{#threshold}}, which is {{threshold}} or less{{/threshold}}.</p>\n"
        "{{^threshold}}<p>Nothing can be spent there until credits are bought or allocated.</p>\n{{/threshold}}",
        "{{#threshold}}Credits are running low{{/threshold}}{{^threshold}}No credits are left{{/threshold}}\n\n"
        "{{entityName}} has {{availableCredits}} credits left{{#threshold}}, which is {{threshold}} or less{{/threshold}}.\n"
        "{{^threshold}}Nothing can be spent there until credits are bought or allocated.\n{{/threshold}}"}},
      {"creditExpiring", email,
       {"organizationName", "entityName", "credits", "expiryDate", "expiresAt", "daysLeft"},
       {},
       {"{{credits}} credits are about to expire",
        "<h2>Credits are about to expire</h2>\n"
        "<p>{{credits}} credits of {{entityName}} expire soon. {{#expiryDate}}Their last day is {{expiryDate}}.{{/expiryDate}}{{^expiryDate}}They end at {{expiresAt}}.{{/expiryDate}}</p>\n",
        "Credits are about to expire\n\n"
        "{{credits}} credits of {{entityName}} expire soon. {{#expiryDate}}Their last day is {{expiryDate}}.{{/expiryDate}}{{^expiryDate}}They end at {{expiresAt}}.{{/expiryDate}}\n"}},
      {"invitation", email,
       {"organizationName", "inviterName", "firstName", "role", "message", "invitationUrl", "expiryHours"},
       {"invitationUrl"},
       {"You're invited to join {{organizationName}}",
        "<h2>Welcome to {{organizationName}}!</h2>\n"
        "<p>{{#firstName}}{{firstName}}, you've{{/firstName}}{{^firstName}}You've{{/firstName}} been invited{{#inviterName}} by {{inviterName}}{{/inviterName}} to join our team.</p>\n"
        "{{#message}}<p>{{message}}</p>\n{{/message}}"
        "<p>Click here to accept: <a href=\"{{invitationUrl}}\">{{invitationUrl}}</a></p>\n"
        "<p>This invitation expires in {{expiryHours}} hours.</p>\n",
        "Welcome to {{organizationName}}!\n\n"
        "{{#firstName}}{{firstName}}, you've{{/firstName}}{{^firstName}}You've{{/firstName}} been invited{{#inviterName}} by {{inviterName}}{{/inviterName}} to join our team.\n"
        "{{#message}}\n{{message}}\n{{/message}}"
        "\nOpen this address to accept: {{invitationUrl}}\n\n"
        "This invitation expires in {{expiryHours}} hours.\n"}},
      {"invitationReminder", email,
       {"organizationName", "inviterName", "firstName", "role", "message", "invitationUrl", "expiryHours"},
       {"invitationUrl"},
       {"Your invitation to {{organizationName}} is waiting",
        "<h2>Your invitation to {{organizationName}} is waiting</h2>\n"
        "<p>{{#inviterName}}{{inviterName}} invited you{{/inviterName}}{{^inviterName}}You were invited{{/inviterName}}, and it is not accepted yet.</p>\n"
        "<p>Click here to accept: <a href=\"{{invitationUrl}}\">{{invitationUrl}}</a></p>\n",
        "{{#inviterName}}{{inviterName}} invited you{{/inviterName}}{{^inviterName}}You were invited{{/inviterName}} to {{organizationName}}, and it is not accepted yet.\n\n"
        "Open this address to accept: {{invitationUrl}}\n"}},
      {"invitationAccepted", email,
       {"organizationName", "invitee"},
       {},
       {"Your invitation was accepted",
        "<h2>Your invitation was accepted</h2>\n<p>{{invitee}} has joined {{organizationName}}.</p>\n",
        "{{invitee}} has joined {{organizationName}}.\n"}},
      {"invitationDeclined", email,
       {"organizationName", "invitee", "reason"},
       {},
       {"Your invitation was declined",
        "<h2>Your invitation was declined</h2>\n<p>{{invitee}} does not join {{organizationName}}.</p>\n"
        "{{#reason}}<p>They say: {{reason}}</p>\n{{/reason}}",
        "{{invitee}} does not join {{organizationName}}.\n{{#reason}}They say: {{reason}}\n{{/reason}}"}},
      {"invitationReissueRequest", email,
       {"organizationName", "invitee"},
       {},
       {"{{invitee}} asks for a new invitation",
        "<h2>A new invitation is asked for</h2>\n"
        "<p>Your invitation of {{invitee}} to {{organizationName}} is over, and they ask for a new one. Send it again if you still want them to join.</p>\n",
        "Your invitation of {{invitee}} to {{organizationName}} is over, and they ask for a new one.\n"
        "Send it again if you still want them to join.\n"}},
      {"invitationApprovalRequest", email,
       {"organizationName", "inviterName", "invitee", "role"},
       {},
       {"An invitation to {{organizationName}} waits for your approval",
        "<h2>An invitation waits for your approval</h2>\n"
        "<p>{{#inviterName}}{{inviterName}} wants{{/inviterName}}{{^inviterName}}Somebody wants{{/inviterName}} to invite {{invitee}} to {{organizationName}} as {{role}}. Nothing is sent to them before another administrator agrees.</p>\n",
        "{{#inviterName}}{{inviterName}} wants{{/inviterName}}{{^inviterName}}Somebody wants{{/inviterName}} to invite {{invitee}} to {{organizationName}} as {{role}}.\n"
        "Nothing is sent to them before another administrator agrees.\n"}},
      {"invitationRejected", email,
       {"organizationName", "invitee", "reason"},
       {},
       {"Your invitation was not approved",
        "<h2>Your invitation was not approved</h2>\n<p>{{invitee}} is not invited to {{organizationName}}.</p>\n"
        "{{#reason}}<p>The reason: {{reason}}</p>\n{{/reason}}",
        "{{invitee}} is not invited to {{organizationName}}.\n{{#reason}}The reason: {{reason}}\n{{/reason}}"}},
      {"invitationsExpired", email,
       {"organizationName", "count"},
       {},
       {"Invitations of yours are over",
        "<h2>Invitations of yours are over</h2>\n"
        "<p>Invitations to {{organizationName}} that you sent and nobody accepted in time: {{count}}. Each can be sent again for 90 days.</p>\n",
        "Invitations to {{organizationName}} that you sent and nobody accepted in time: {{count}}.\n"
        "Each can be sent again for 90 days.\n"}},
      {"invitationsUndelivered", email,
       {"organizationName", "count"},
       {},
       {"Invitations of yours did not arrive",
        "<h2>Invitations of yours did not arrive</h2>\n"
        "<p>Invitations to {{organizationName}} that you sent and that could not be delivered: {{count}}. Look at their addresses, and send them again.</p>\n",
        "Invitations to {{organizationName}} that you sent and that could not be delivered: {{count}}.\n"
        "Look at their addresses, and send them again.\n"}},
      {"passwordReset", email,
       {"organizationName", "firstName", "resetUrl", "expiryHours"},
       {"resetUrl"},
       {"Reset your password",
        "<h2>Reset your password</h2>\n"
        "<p>{{#firstName}}{{firstName}}, somebody{{/firstName}}{{^firstName}}Somebody{{/firstName}} asked for a new password for your account at {{organizationName}}.</p>\n"
        "<p><a href=\"{{resetUrl}}\">Choose a new password</a></p>\n"
        "<p>Or open this address: {{resetUrl}}</p>\n"
        "<p>It works once, within {{expiryHours}} hours. If it was not you, nothing need be done.</p>\n",
        "{{#firstName}}{{firstName}}, somebody{{/firstName}}{{^firstName}}Somebody{{/firstName}} asked for a new password for your account at {{organizationName}}.\n\n"
        "Choose a new password: {{resetUrl}}\n\n"
        "It works once, within {{expiryHours}} hours. If it was not you, nothing need be done.\n"}},
      {"verifyEmail", email,
       {"organizationName", "firstName", "verifyUrl", "expiryHours"},
       {"verifyUrl"},
       {"Confirm your e-mail address",
        "<h2>Confirm your e-mail address</h2>\n"
        "<p>This address was given for an account at {{organizationName}}.</p>\n"
        "<p><a href=\"{{verifyUrl}}\">Confirm it</a></p>\n"
        "<p>Or open this address: {{verifyUrl}}</p>\n"
        "<p>It works within {{expiryHours}} hours. If the account is not yours, nothing need be done.</p>\n",
        "This address was given for an account at {{organizationName}}.\n\n"
        "Confirm it: {{verifyUrl}}\n\n"
        "It works within {{expiryHours}} hours. If the account is not yours, nothing need be done.\n"}},
      {"invitation", sms,
       {"organizationName", "inviterName", "firstName", "role", "invitationUrl", "expiryHours"},
       {"invitationUrl"},
       {{}, {}, "You're invited to join {{organizationName}}. Accept: {{invitationUrl}}"}},
      {"creditPurchase", sms,
       {"organizationName", "entityName", "credits", "newBalance", "expiryDate", "packageName", "purchaseId", "amount"},
       {},
       {{}, {}, "Purchase confirmed! {{credits}} credits added. Balance: {{newBalance}}"}},
      {"creditLow", sms,
       {"organizationName", "entityName", "availableCredits", "threshold", "purchaseUrl"},
       {},
       {{}, {}, "Credit balance low: {{availableCredits}} remaining. Purchase more: {{purchaseUrl}}"}},
  };
  return kinds;
}
// clang-format on

constexpr std::size_t most_bytes = 32 * 1024;
constexpr std::size_t most_subject = 200;

bool is_color(std::string_view text) {
  return text.size() == 7 && text.front() == '#' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 1) == text.npos;
}

std::string document_of(std::string_view fragment, const mail_look& look) {
  std::string top;
  if (is_color(look.primary_color)) top = ";border-top:4px solid " + look.primary_color + ";padding-top:16px";
  std::string logo;
  if (look.logo_url.starts_with("https://"))
    logo = "<p><img src=\"" + escape_html(look.logo_url) + "\" alt=\"" +
           escape_html(harmless(look.organization)) + "\" style=\"max-height:48px\"></p>\n";
  return "<!doctype html>\n<html><head><meta charset=\"utf-8\"></head>\n"
         "<body style=\"font-family:sans-serif" +
         top + "\">\n" + logo + std::string(fragment) + "</body></html>\n";
}

std::string lack_of(const template_kind& kind, std::string_view text) {
  const auto names = names_always_in(text);
  for (const auto& needed : kind.required)
    if (std::find(names.begin(), names.end(), needed) == names.end())
      return "It must have `{{" + std::string(needed) + "}}` outside of sections.";
  return {};
}

std::string flaw_in(const template_kind& kind, std::string_view text, std::size_t most) {
  if (text.empty()) return "It must not be empty.";
  if (text.size() > most) return "It may have " + std::to_string(most) + " bytes.";
  if (auto wrong = flaw_of(text, kind.variables).reason; !wrong.empty()) return wrong;
  const auto shown = render(text, example_of(kind), template_form::text);
  return shown.find_first_not_of(" \t\r\n") == shown.npos ? "It must not be empty." : "";
}

} // namespace

std::span<const template_kind> template_kinds() {
  return table();
}

const template_kind* find_template_kind(std::string_view key, notification_channel channel) {
  const auto found = std::find_if(table().begin(), table().end(), [&](const template_kind& kind) {
    return kind.key == key && kind.channel == channel;
  });
  return found == table().end() ? nullptr : &*found;
}

wording_flaw flaw_of(const template_kind& kind, const message_template& wording) {
  if (kind.channel == email) {
    if (auto wrong = flaw_in(kind, wording.subject, most_subject); !wrong.empty()) return {"subject", wrong};
    if (auto wrong = flaw_in(kind, wording.html, most_bytes); !wrong.empty()) return {"html", wrong};
    if (auto unsafe = html_flaw_of(wording.html).reason; !unsafe.empty()) return {"html", unsafe};
    if (auto lacks = lack_of(kind, wording.html); !lacks.empty()) return {"html", lacks};
  }
  if (auto wrong = flaw_in(kind, wording.text, most_bytes); !wrong.empty()) return {"text", wrong};
  if (auto lacks = lack_of(kind, wording.text); !lacks.empty()) return {"text", lacks};
  return {};
}

message_template render(
    const message_template& wording,
    notification_channel channel,
    const template_variables& values,
    const mail_look& look
) {
  if (channel != email) return {{}, {}, render(wording.text, values, template_form::line)};
  return {
      harmless(render(wording.subject, values, template_form::line)),
      document_of(render(wording.html, values, template_form::html), look),
      render(wording.text, values, template_form::text)};
}

template_variables example_of(const template_kind& kind) {
  template_variables values;
  for (const auto& name : kind.variables)
    values[std::string(name)] = name.ends_with("Url") ? "https://example.com/" + std::string(name)
                                                      : "<b>\"" + std::string(name) + "\"</b> & {{credits}}";
  return values;
}

template_variables sample_of(const template_kind& kind) {
  static const template_variables known{
      {"credits", "5000"},
      {"newBalance", "5800"},
      {"availableCredits", "800"},
      {"threshold", "1000"},
      {"amount", "225.00 USD"},
      {"expiryDate", "2030-12-31"},
      {"daysLeft", "7"},
      {"expiresAt", "2031-01-01T00:00:00Z"},
      {"expiryHours", "72"},
      {"firstName", "Ada"},
      {"inviterName", "Grace"},
      {"invitee", "Ada"},
      {"allocatedBy", "Grace"},
      {"packageName", "Premium"},
      {"purchaseId", "pur-example"},
      {"allocationId", "alloc-example"},
      {"entityName", "Main Street"},
      {"role", "user"},
      {"message", "Welcome!"}};
  template_variables values;
  for (const auto& name : kind.variables) {
    const auto found = known.find(std::string(name));
    if (name.ends_with("Url"))
      values[std::string(name)] = "https://example.com/" + std::string(name);
    else if (found != known.end())
      values.insert(*found);
  }
  return values;
}

std::vector<std::string> locales_of(std::string_view wanted, std::string_view tenants) {
  std::vector<std::string> all;
  const auto add = [&](std::string_view one) {
    if (!one.empty() && std::find(all.begin(), all.end(), one) == all.end()) all.emplace_back(one);
  };
  for (const auto named : {wanted, tenants}) {
    add(named);
    add(named.substr(0, named.find('-')));
  }
  add("en");
  return all;
}

} // namespace tessera
