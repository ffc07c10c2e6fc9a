#pragma once

#include "tests/support/http_client.hpp"

namespace tessera::test {

/// Writes what was asked and answered as one line of JSON into the file that TESSERA_EXCHANGES names, where
/// it is set: the file is begun anew by each process. tests/node/answers.mjs checks them against the API
/// document. Bytes are written as the characters of that number, so that nothing is lost of what is no UTF-8.
void log_exchange(const http_request& request, const http_exchange& exchange);

} // namespace tessera::test
