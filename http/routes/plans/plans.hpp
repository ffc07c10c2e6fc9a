#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

namespace tessera::http {

caller_handler plans(service& with);

} // namespace tessera::http
