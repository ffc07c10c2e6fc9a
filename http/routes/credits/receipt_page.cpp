#include "http/routes/credits/receipt_page.hpp"

#include "http/routes/credits/receipt_lines.hpp"
#include "http/routing/html_text.hpp"

#include <string_view>

namespace tessera::http {

namespace {

constexpr std::string_view head =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<style>body{font:16px/1.5 sans-serif;max-width:40em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4em 0;"
    "border-bottom:1px solid}th{font-weight:normal;width:40%}.total{font-weight:bold}</style>\n";

/// Everything but the name is somebody's text.
void row(std::string& page, const receipt_line& line) {
  page.append(line.is_total ? "<tr class=\"total\">" : "<tr>").append("<th scope=\"row\">").append(line.name);
  page += "</th><td>";
  for (std::size_t i = 0; i < line.values.size(); ++i) {
    if (i > 0) page += "<br>";
    append_html(page, line.values[i]);
  }
  page += "</td></tr>\n";
}

} // namespace

std::string receipt_page(const purchase_view& purchase) {
  const auto made = receipt_of(purchase);
  std::string page(head);
  // The color is of six digits, see `receipt_of`.
  if (!made.color.empty())
    page.append("<style>h1{border-bottom:4px solid ").append(made.color).append("}</style>\n");
  page.append("<title>").append(made.title).append(" ");
  append_html(page, purchase.purchase_id);
  page += "</title>\n</head>\n<body>\n<main>\n";
  if (!made.seller.empty()) {
    page += "<p>";
    append_html(page, made.seller);
    page += "</p>\n";
  }
  page.append("<h1>").append(made.title).append("</h1>\n");
  if (!made.standing.empty()) page.append("<p><strong>").append(made.standing).append("</strong></p>\n");
  page += "<table>\n";
  for (const auto& line : made.lines)
    row(page, line);
  page += "</table>\n</main>\n</body>\n</html>\n";
  return page;
}

} // namespace tessera::http
