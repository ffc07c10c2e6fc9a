#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"

/// How a tenant words messages, and to whom it sends none.
namespace tessera::http {

caller_handler templates(service& with);
caller_handler one_template(service& with);
caller_handler template_versions(service& with);
caller_handler word_template(service& with);
caller_handler withdraw_template(service& with);
caller_handler preview_template(service& with);
caller_handler test_template(service& with);

caller_handler suppressions(service& with);
caller_handler add_suppression(service& with);
caller_handler remove_suppression(service& with);

} // namespace tessera::http
