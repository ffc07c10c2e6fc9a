#pragma once

#include "http/routes/service.hpp"

/// The routes for operators and their machines.
namespace tessera::http {

handler healthz();
handler metrics(service& with);
handler openapi();
handler problems_page();
handler readyz(service& with);
handler reference_page();
handler reference_script();
handler reference_style();

} // namespace tessera::http
