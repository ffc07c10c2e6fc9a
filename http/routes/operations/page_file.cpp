#include "http/routes/operations/page_file.hpp"

#include "http/routes/operations/embedded_file.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace tessera::http {

namespace {

constexpr auto page_policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                             "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

handler file(std::string_view name, std::string_view content_type, bool is_page = false) {
  const auto all = embedded_files();
  const auto found = std::ranges::find(all, name, &embedded_file::name);
  if (found == all.end()) throw std::logic_error("not embedded: " + std::string(name));
  return [bytes = found->bytes, content_type, is_page](request&, const responder& respond) {
    response answer;
    answer.content_type = content_type;
    answer.body = bytes;
    if (is_page) {
      answer.headers.emplace_back("Content-Security-Policy", page_policy);
      answer.headers.emplace_back("X-Frame-Options", "DENY");
    }
    respond(std::move(answer));
  };
}

} // namespace

handler page_of(std::string_view name) {
  return file(name, "text/html; charset=utf-8", true);
}
handler script_of(std::string_view name) {
  return file(name, "text/javascript; charset=utf-8");
}
handler style_of(std::string_view name) {
  return file(name, "text/css; charset=utf-8");
}

} // namespace tessera::http
