#pragma once

#include "actors/notification/notifications.hpp"
#include "actors/providers/http_client.hpp"
#include "config/settings.hpp"

namespace tessera::cli {

/// The mail servers that are configured, else the spool.
notifications::mail_provider_factory mail_provider_of(const config::settings& settings);

/// The provider of SMS that is configured, else the spool. `callback_base`: where it reaches us; empty:
/// nowhere.
notifications::sms_provider_factory
sms_provider_of(const config::settings& settings, http_client& over, const std::string& callback_base);

/// Where webhooks may go besides the public internet.
address_ranges ranges_of(const std::vector<std::string>& networks);

} // namespace tessera::cli
