#pragma once

#include "actors/support/token_secret.hpp"
#include "messages/account_tokens.hpp"
#include "messages/notifications.hpp"

#include <chrono>
#include <string>
#include <string_view>

/// The links that messages bring, with the tokens in them.
namespace tessera {

account_token_purpose purpose_of(std::string_view kind);
std::chrono::seconds life_of(account_token_purpose purpose);
/// The same each time.
std::string token_of(const token_secret& secret, account_token_purpose purpose, const std::string& token_id);

/// The variables that are secret or depend on where the service is reached: derived for each attempt, and
/// never kept.
void add_links(
    template_variables& values,
    const claimed_notification& one,
    notification_channel channel,
    const token_secret& secret,
    const std::string& base_url
);

} // namespace tessera
