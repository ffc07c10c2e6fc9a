#include "tools/paysim/pages/page.hpp"

#include "http/routing/html_text.hpp"

namespace tessera::paysim {

namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 30rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } table { width: 100%; border-collapse: collapse; }
td, th { padding: .4rem 0; text-align: left; border-bottom: 1px solid #8886; } td:last-child, th:last-child { text-align: right; }
form { display: grid; gap: .6rem; margin-top: 1.5rem; } label { display: grid; }
input, button { font: inherit; padding: .6rem; border-radius: .4rem; border: 1px solid #888; }
button { cursor: pointer; } button:first-of-type { background: #4338ca; color: #fff; border-color: #4338ca; }
.failed { border-left: 4px solid #b91c1c; padding-left: .8rem; } .note { opacity: .75; font-size: .9rem; }
)";

} // namespace

std::string html(std::string_view text) {
  std::string out;
  http::append_html(out, text);
  return out;
}

http::response page(unsigned status, std::string_view title, const std::string& body) {
  http::response made{.status = status, .content_type = "text/html; charset=utf-8"};
  made.body.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
      .append(html(title))
      .append("</title><meta name=\"viewport\" content=\"width=device-width\"><style>")
      .append(style)
      .append("</style></head><body><main><h1>")
      .append(html(title))
      .append("</h1>")
      .append(body)
      .append("<p class=\"note\">A sandbox: no money moves here.</p></main></body></html>\n");
  // No form-action: it would stop the way back to the shop.
  made.headers = {
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"}};
  return made;
}

http::response redirect(std::string location) {
  http::response made{.status = 303, .content_type = "text/html; charset=utf-8"};
  made.headers = {{"Location", std::move(location)}};
  return made;
}

std::string buttons(
    const std::vector<std::pair<std::string_view, std::string_view>>& actions, const std::string& fields
) {
  std::string form = "<form method=\"post\">" + fields;
  for (const auto& [value, label] : actions)
    form.append("<button name=\"action\" value=\"")
        .append(value)
        .append("\">")
        .append(html(label))
        .append("</button>");
  return form + "</form>";
}

} // namespace tessera::paysim
