#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

namespace tessera::http {

caller_handler alerts(service& with);
caller_handler set_alerts(service& with);

} // namespace tessera::http
