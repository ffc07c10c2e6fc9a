// GET /openapi.json, /docs, /docs/problems, /docs/reference.css, /docs/reference.js: made of
// http/openapi.yaml and docs/http-status-codes.md when the service is built (decision 0037).
#include "http/auth/body_tag.hpp"
#include "http/routes/operations/embedded_file.hpp"
#include "http/routes/operations/operations.hpp"
#include "http/routing/accept.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace tessera::http {

namespace {

/// The browser takes scripts, styles and answers from here alone, and nobody shows the page in one of their
/// own.
constexpr auto reference_policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
                                  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const embedded_file& find_embedded(std::string_view name) {
  const auto all = embedded_files();
  const auto found = std::ranges::find(all, name, &embedded_file::name);
  if (found == all.end()) throw std::logic_error("not embedded: " + std::string(name));
  return *found;
}

/// One way of sending a file. Each has a tag of its own: a strong one stands for the bytes.
struct representation {
  std::string_view bytes;
  std::string tag;
};

/// Whether the client has these bytes. Tags are compared as text, and a weak one counts (RFC 9110 13.1.2).
bool is_known(const request& request, const std::string& tag) {
  const auto known = request.header("If-None-Match");
  return known && (*known == "*" || known->find(tag) != known->npos);
}

handler document(std::string_view name, std::string_view content_type, bool is_page = false) {
  const auto& file = find_embedded(name);
  return [content_type,
          is_page,
          plain = representation{file.bytes, tag_of_body(file.bytes)},
          packed =
              representation{file.gzip, tag_of_body(file.gzip)}](request& request, const responder& respond) {
    const bool gzip = takes_gzip(request.header("Accept-Encoding").value_or(std::string_view()));
    const auto& chosen = gzip ? packed : plain;
    response answer;
    answer.content_type = content_type;
    // Asked for again each time, and not sent again: a new version of the service shows at once.
    answer.headers = {{"Cache-Control", "no-cache"}, {"ETag", chosen.tag}, {"Vary", "Accept-Encoding"}};
    if (is_page) answer.headers.emplace_back("Content-Security-Policy", reference_policy);
    if (is_known(request, chosen.tag)) {
      answer.status = 304;
      return respond(std::move(answer));
    }
    if (gzip) answer.headers.emplace_back("Content-Encoding", "gzip");
    answer.body = chosen.bytes;
    respond(std::move(answer));
  };
}

} // namespace

handler openapi() {
  return document("openapi.json", "application/json");
}

handler reference_page() {
  return document("reference.html", "text/html; charset=utf-8", true);
}

handler problems_page() {
  return document("problems.html", "text/html; charset=utf-8", true);
}

handler reference_style() {
  return document("reference.css", "text/css; charset=utf-8");
}

handler reference_script() {
  return document("reference.js", "text/javascript; charset=utf-8");
}

} // namespace tessera::http
