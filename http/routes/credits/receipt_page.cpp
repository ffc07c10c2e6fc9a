#include "http/routes/credits/receipt_page.hpp"

#include "http/routes/credits/billing_address.hpp"
#include "http/routing/html_text.hpp"
#include "messages/types/money.hpp"

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

void row(std::string& page, std::string_view name, std::string_view value, bool total = false) {
  page.append(total ? "<tr class=\"total\">" : "<tr>").append("<th scope=\"row\">").append(name);
  page += "</th><td>";
  append_html(page, value);
  page += "</td></tr>\n";
}

void address_row(std::string& page, std::string_view stored) {
  const auto lines = address_lines(stored);
  if (lines.empty()) return;
  page += "<tr><th scope=\"row\">Billing address</th><td>";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) page += "<br>";
    append_html(page, lines[i]);
  }
  page += "</td></tr>\n";
}

/// What the reader must know about the money.
std::string_view standing_of(const purchase_view& purchase) {
  if (purchase.status == "completed" && purchase.payment_method == "test")
    return "Paid with the test method: no money was moved.";
  if (purchase.status == "pending") return "Not completed yet: the credits have not arrived.";
  if (purchase.status == "failed") return "Failed: no credits were given.";
  return {};
}

std::string name_and_id(const std::string& name, const std::string& id) {
  return name.empty() || name == id ? id : name + " (" + id + ")";
}

} // namespace

std::string receipt_page(const purchase_view& purchase) {
  const auto amount = amount_text(purchase.amount_minor, purchase.currency) + " " + purchase.currency;
  std::string page(head);
  page += "<title>Receipt ";
  append_html(page, purchase.purchase_id);
  page += "</title>\n</head>\n<body>\n<main>\n<h1>Receipt</h1>\n";
  if (const auto standing = standing_of(purchase); !standing.empty())
    page.append("<p><strong>").append(standing).append("</strong></p>\n");
  page += "<table>\n";
  row(page, "Number", purchase.purchase_id);
  row(page, "Date", to_rfc3339(purchase.created_at).substr(0, 10) + " (UTC)");
  row(page, "Status", purchase.status);
  row(page, "Customer", purchase.tenant_name);
  row(page, "For", name_and_id(purchase.entity_name, purchase.entity.id));
  address_row(page, purchase.billing_address);
  row(page, "Package", name_and_id(purchase.package_name, purchase.package_id));
  row(page, "Credits", std::to_string(purchase.amount.value()));
  if (!purchase.expiry_date.empty()) row(page, "Valid through", purchase.expiry_date);
  row(page, "Payment method", purchase.payment_method);
  row(page, "Amount", amount, true);
  page += "</table>\n</main>\n</body>\n</html>\n";
  return page;
}

} // namespace tessera::http
