#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// The routes of what is written to people and systems, one file for each noun.
namespace tessera::http {

caller_handler notifications(service& with);
caller_handler retry_notification(service& with);

caller_handler webhook_endpoints(service& with);
caller_handler one_webhook_endpoint(service& with);
caller_handler create_webhook_endpoint(service& with);
caller_handler edit_webhook_endpoint(service& with);
caller_handler delete_webhook_endpoint(service& with);
caller_handler rotate_webhook_secret(service& with);
caller_handler webhook_deliveries(service& with);
caller_handler replay_webhook_delivery(service& with);

} // namespace tessera::http
