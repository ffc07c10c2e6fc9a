#include "tools/paysim/pages/pages.hpp"

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/pages/checkout_page.hpp"
#include "tools/paysim/pages/page.hpp"
#include "tools/paysim/payments/amounts.hpp"

#include <initializer_list>

namespace tessera::paysim {

namespace {

using finder = std::function<document*(std::string_view id)>;
using action = std::function<http::response(document&, const form_node&)>;

http::response nothing_here() {
  return page(
      404, "There is nothing here", "<p>The link is wrong, or the sandbox has been started anew.</p>"
  );
}

/// Decodes the form, finds the document and answers what `then` makes of both.
http::route row(sandbox& account, std::string_view method, std::string_view path, finder find, action then) {
  auto handle = [&account, find, then](http::request& from, const http::responder& respond) {
    account.clock.run_due();
    auto* found = find(from.parameters.front());
    if (!found) return respond(nothing_here());
    form_node form;
    try {
      decode_form(from.body, form);
    } catch (const api_error& error) {
      return respond(page(400, "That form can't be read", html(error.message)));
    }
    respond(then(*found, form));
  };
  return {method, path, std::move(handle), 16 * 1024, "application/x-www-form-urlencoded"};
}

finder of_kinds(sandbox& account, std::initializer_list<std::string_view> given) {
  return [&account, kinds = std::vector<std::string_view>(given)](std::string_view id) -> document* {
    for (const auto kind : kinds)
      if (auto* found = account.documents.find(kind, id)) return found;
    return nullptr;
  };
}

http::response show_receipt(const document& charge) {
  const auto amount = amount_text(number_of(charge, "amount"), text_of(charge, "currency"));
  const auto back = amount_text(number_of(charge, "amount_refunded"), text_of(charge, "currency"));
  return page(
      200,
      "Receipt",
      "<table><tr><td>Paid</td><td>" + amount + "</td></tr><tr><td>Refunded</td><td>" + back +
          "</td></tr><tr><td>Payment</td><td>" + html(text_of(charge, "payment_intent")) +
          "</td></tr></table>"
  );
}

http::response show_invoice(const document& invoice) {
  std::string rows;
  for (const auto& each : object_of(invoice, "lines").at("data").get_array()) {
    const auto& line = each.get_object();
    rows += "<tr><td>" + html(text_of(line, "description")) + "</td><td>" +
            amount_text(number_of(line, "amount"), text_of(line, "currency")) + "</td></tr>";
  }
  const auto total = amount_text(number_of(invoice, "total"), text_of(invoice, "currency"));
  return page(
      200,
      "Invoice " + std::string{text_of(invoice, "number")},
      "<p>Status: " + html(text_of(invoice, "status")) + "</p><table>" + rows + "<tr><th>Total</th><th>" +
          total + "</th></tr></table>"
  );
}

} // namespace

std::vector<http::route> page_routes(sandbox& account) {
  const auto sessions = of_kinds(account, {"checkout.session"});
  const auto intents = of_kinds(account, {"payment_intent", "setup_intent"});
  const auto shown_by = [](auto show) { return [show](document& of, const form_node&) { return show(of); }; };
  return {
      row(account,
          "GET",
          "/c/pay/:session",
          sessions,
          [&account](document& session, const form_node&) { return show_checkout(account, session); }),
      row(account,
          "POST",
          "/c/pay/:session",
          sessions,
          [&account](document& session, const form_node& form) {
            return act_on_checkout(account, session, form);
          }),
      row(account, "GET", "/challenge/:intent", intents, shown_by(show_challenge)),
      row(account,
          "POST",
          "/challenge/:intent",
          intents,
          [&account](document& intent, const form_node& form) {
            return act_on_challenge(account, intent, form);
          }),
      row(account, "GET", "/receipts/:charge", of_kinds(account, {"charge"}), shown_by(show_receipt)),
      row(account, "GET", "/invoices/:invoice", of_kinds(account, {"invoice"}), shown_by(show_invoice)),
  };
}

} // namespace tessera::paysim
