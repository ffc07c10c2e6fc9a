#pragma once

#include "actors/notification/notifications.hpp"
#include "config/settings.hpp"

namespace tessera::cli {

/// The mail server that is configured, else the spool.
notifications::mail_provider_factory mail_provider_of(const config::settings& settings);

/// Where webhooks may go besides the public internet.
address_ranges ranges_of(const std::vector<std::string>& networks);

} // namespace tessera::cli
