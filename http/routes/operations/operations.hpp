#pragma once

#include "http/routes/service.hpp"

/// The routes for operators and their machines.
namespace tessera::http {

handler healthz();
handler metrics(service& with);
handler openapi();
handler readyz(service& with);

} // namespace tessera::http
