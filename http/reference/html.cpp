#include "http/reference/html.hpp"

#include "http/routing/html_text.hpp"

namespace tessera::reference {

std::string escaped(std::string_view text) {
  std::string out;
  http::append_html(out, text);
  return out;
}

std::string in(std::string_view tag, std::string_view html) {
  std::string out("<");
  return out.append(tag).append(">").append(html).append("</").append(tag).append(">");
}

std::string code(std::string_view text) {
  return in("code", escaped(text));
}

} // namespace tessera::reference
