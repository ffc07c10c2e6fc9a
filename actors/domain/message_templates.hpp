#pragma once

#include "actors/domain/template_text.hpp"
#include "messages/message_wordings.hpp"
#include "messages/notifications.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

/// What is said in a message, with places for its variables. A tenant may word it anew (contract 6).
struct message_template {
  std::string subject; // of mail
  std::string html;    // likewise: a fragment, what is around it is ours
  std::string text;

  friend bool operator==(const message_template&, const message_template&) = default;
};

/// What can be said about it whoever words it.
struct template_kind {
  std::string_view key;
  notification_channel channel = notification_channel::email;
  std::vector<std::string_view> variables; // that there are
  std::vector<std::string_view> required;  // without which the message is of no use
  message_template built_in;               // in English
};
std::span<const template_kind> template_kinds();
const template_kind* find_template_kind(std::string_view key, notification_channel channel);

struct wording_flaw {
  std::string_view field; // subject, html or text; empty: none
  std::string reason;
};
/// Why a tenant's wording can't be used.
wording_flaw flaw_of(const template_kind& kind, const message_template& wording);

/// The texts of one message. Of a mail the HTML is a whole document, with the logo and in the colour of the
/// tenant.
message_template render(
    const message_template& wording,
    notification_channel channel,
    const template_variables& values,
    const mail_look& look = {}
);

/// What an example shows, however unkind.
template_variables example_of(const template_kind& kind);
/// What one shows that is sent to try it.
template_variables sample_of(const template_kind& kind);

/// Where a wording is looked for, the nearest first: `pt-BR`, `pt`, then those of the tenant, `en`.
std::vector<std::string> locales_of(std::string_view wanted, std::string_view tenants = {});

} // namespace tessera
