#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// What is known of one person, and that it be forgotten.
namespace tessera::http {

caller_handler erase_person(service& with);
caller_handler export_person(service& with);

} // namespace tessera::http
