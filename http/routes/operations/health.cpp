// GET /healthz, /readyz, /metrics
#include "http/json/writer.hpp"
#include "http/routes/operations/operations.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

handler healthz() {
  return [](request&, const responder& respond) { respond({.body = R"({"status":"alive"})"}); };
}

handler readyz(service& with) {
  return [&with](request& request, const responder& respond) {
    const auto why = with.not_ready();
    if (why.empty()) return respond({.body = R"({"status":"ready"})"});
    auto p = simple_problem(503, "not_ready", "The node is not ready", why);
    p.retry_after_seconds = 1;
    respond(to_response(p, request));
  };
}

handler metrics(service& with) {
  return [&with](request&, const responder& respond) {
    respond({.body = with.metrics(), .content_type = "text/plain; version=0.0.4"});
  };
}

} // namespace tessera::http
