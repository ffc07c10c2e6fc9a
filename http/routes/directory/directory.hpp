#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// The routes that make entities and applications, one file each.
namespace tessera::http {

caller_handler create_application(service& with);
caller_handler create_location(service& with);
caller_handler create_organization(service& with);

} // namespace tessera::http
