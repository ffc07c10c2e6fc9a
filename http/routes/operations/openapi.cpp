// GET /openapi.json: http/openapi.yaml, converted when the service is built.
#include "http/routes/operations/operations.hpp"

namespace tessera::http {

extern const std::string_view openapi_json;

handler openapi() {
  return [](request&, const responder& respond) { respond({.body = std::string(openapi_json)}); };
}

} // namespace tessera::http
