#include "tools/paysim/pages/checkout_page.hpp"

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/checkout/sessions.hpp"
#include "tools/paysim/pages/page.hpp"
#include "tools/paysim/payments/amounts.hpp"
#include "tools/paysim/payments/intents.hpp"
#include "tools/paysim/payments/setup_intents.hpp"

namespace tessera::paysim {

namespace {

/// Which test method a button stands for; empty when it is none of those.
std::string_view method_behind(std::string_view action) {
  if (action == "pay") return "pm_card_visa";
  if (action == "decline") return "pm_card_visa_chargeDeclined";
  if (action == "authenticate") return "pm_card_authenticationRequired";
  if (action == "pay_later") return "pm_usBankAccount_success";
  if (action == "pay_later_fails") return "pm_usBankAccount_insufficientFunds";
  return {};
}

std::string value_of(const form_node& form, std::string_view name) {
  const auto* found = form.find(name);
  return found ? found->text : std::string{};
}

const document& error_of(const document& intent) {
  return object_of(
      intent, text_of(intent, "object") == "payment_intent" ? "last_payment_error" : "last_setup_error"
  );
}

const document* intent_of(sandbox& account, const document& session) {
  const auto* intent = account.documents.find(text_of(session, "payment_intent"));
  return intent ? intent : account.documents.find(text_of(session, "setup_intent"));
}

std::string order_table(const document& session) {
  std::string rows;
  for (const auto& each : session.at("_lines").get_array()) {
    const auto& line = each.get_object();
    rows.append("<tr><td>")
        .append(html(text_of(line, "description")))
        .append(" × ")
        .append(std::to_string(number_of(line, "quantity")))
        .append("</td><td>")
        .append(amount_text(number_of(line, "amount_total"), text_of(line, "currency")))
        .append("</td></tr>");
  }
  const auto total = amount_text(number_of(session, "amount_total"), text_of(session, "currency"));
  return "<table>" + rows + "<tr><th>Total</th><th>" + total + "</th></tr></table>";
}

http::response closed_page(const document& session) {
  const bool is_complete = text_of(session, "status") == "complete";
  return page(
      is_complete ? 200 : 410,
      is_complete ? "This checkout is complete" : "This checkout has expired",
      is_complete ? "<p>There is nothing left to do here.</p>" : "<p>Go back to the shop and begin again.</p>"
  );
}

http::response leave(const document& session) {
  const auto url = text_of(session, "cancel_url");
  if (!url.empty()) return redirect(std::string{url});
  return page(
      200, "You left the checkout", "<p>Nothing was paid. The checkout stays open until it expires.</p>"
  );
}

http::response go_on(sandbox& account, const document& session, const document& intent) {
  if (text_of(intent, "status") == "requires_action")
    return redirect(account.options.base_url + "/challenge/" + std::string{text_of(intent, "id")});
  if (text_of(session, "status") == "complete") return redirect(success_url(session));
  return show_checkout(account, session);
}

} // namespace

http::response show_checkout(sandbox& account, const document& session) {
  if (text_of(session, "status") != "open") return closed_page(session);
  std::string body;
  if (const auto* intent = intent_of(account, session); intent && !error_of(*intent).empty())
    body = "<p class=\"failed\" role=\"alert\">" + html(text_of(error_of(*intent), "message")) + "</p>";
  const auto fields = "<label>E-mail <input type=\"email\" name=\"email\" value=\"" +
                      html(text_of(session, "_email")) + "\"></label>";
  if (text_of(session, "mode") == "setup")
    return page(
        200,
        "Save a card",
        body + buttons(
                   {{"pay", "Save the card"},
                    {"decline", "A card that is declined"},
                    {"authenticate", "A card with 3-D Secure"},
                    {"abandon", "Abandon"}},
                   fields
               )
    );
  return page(
      200,
      "Pay " + amount_text(number_of(session, "amount_total"), text_of(session, "currency")),
      body + order_table(session) +
          buttons(
              {{"pay", "Pay"},
               {"decline", "Decline"},
               {"authenticate", "3-D Secure"},
               {"pay_later", "Pay later"},
               {"pay_later_fails", "Pay later, and fail"},
               {"abandon", "Abandon"}},
              fields
          )
  );
}

http::response act_on_checkout(sandbox& account, document& session, const form_node& form) {
  const auto action = value_of(form, "action");
  if (action == "abandon") return leave(session);
  if (text_of(session, "status") != "open") return closed_page(session);
  // A method by its own name, for tests.
  const auto named = value_of(form, "payment_method");
  const auto* like = find_test_method(named.empty() ? method_behind(action) : std::string_view{named});
  if (!like) return page(400, "There is no such button", "<p>Go back and try again.</p>");
  try {
    const auto& intent = present_method(account, session, *like, value_of(form, "email"));
    return go_on(account, session, intent);
  } catch (const api_error& error) {
    return page(error.status, "That did not work", "<p class=\"failed\">" + html(error.message) + "</p>");
  }
}

http::response show_challenge(const document& intent) {
  if (text_of(intent, "status") != "requires_action")
    return page(410, "Nothing to confirm", "<p>The bank is not waiting for you.</p>");
  return page(
      200,
      "3-D Secure: is it you?",
      "<p>Your bank asks whether you want this payment.</p>" +
          buttons({{"complete", "Complete"}, {"fail", "Fail"}})
  );
}

http::response act_on_challenge(sandbox& account, document& intent, const form_node& form) {
  if (text_of(intent, "status") != "requires_action") return show_challenge(intent);
  const bool passed = value_of(form, "action") == "complete";
  const bool is_payment = text_of(intent, "object") == "payment_intent";
  if (is_payment)
    answer_challenge(account, intent, passed);
  else
    answer_setup_challenge(account, intent, passed);
  if (const auto* session = session_of(account, intent)) return go_on(account, *session, intent);
  std::string url{text_of(intent, "_return_url")};
  if (url.empty()) return page(200, "Thank you", "<p>You can go back to the shop.</p>");
  const auto name = is_payment ? "payment_intent" : "setup_intent";
  url += url.find('?') == std::string::npos ? '?' : '&';
  url.append(name).append("=").append(text_of(intent, "id"));
  url.append("&").append(name).append("_client_secret=").append(text_of(intent, "client_secret"));
  return redirect(
      url + "&redirect_status=" + (text_of(intent, "status") == "succeeded" ? "succeeded" : "failed")
  );
}

} // namespace tessera::paysim
