#pragma once

#include "http/routes/service.hpp"

namespace tessera::http {

// What providers tell us. No key lets them in: they sign.
handler stripe_webhook(service& with);

} // namespace tessera::http
