#include "tools/paysim/checkout/sessions.hpp"

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/payments/customers.hpp"
#include "tools/paysim/payments/intents.hpp"
#include "tools/paysim/payments/invoices.hpp"
#include "tools/paysim/payments/payment_methods.hpp"
#include "tools/paysim/payments/setup_intents.hpp"

namespace tessera::paysim {

namespace {

constexpr std::string_view placeholder = "{CHECKOUT_SESSION_ID}";

void know_payer(sandbox& account, document& session, const std::string& email) {
  if (!email.empty()) session["_email"] = email;
  const auto wanted = text_of(session, "customer_creation") == "always";
  if (has(session, "customer") || !wanted) return;
  auto made = new_customer(account);
  made["email"] = text_or_null(text_of(session, "_email"));
  auto& customer = account.documents.add(std::move(made));
  session["customer"] = customer.at("id");
  account.emit("customer.created", customer);
}

/// The one that failed before, or a new one.
document& payment_intent_of(sandbox& account, document& session) {
  if (auto* known = account.documents.find("payment_intent", text_of(session, "payment_intent")))
    return *known;
  auto made = new_intent(account, number_of(session, "amount_total"), text_of(session, "currency"));
  made["automatic_payment_methods"] = document{{"allow_redirects", "always"}, {"enabled", true}};
  made["customer"] = session.at("customer");
  made["_session"] = session.at("id");
  made["_return_url"] = session.at("_page");
  for (const auto& [name, value] : object_of(session, "_payment_intent_data"))
    made[name] = value;
  auto& intent = account.documents.add(std::move(made));
  session["payment_intent"] = intent.at("id");
  account.emit("payment_intent.created", intent);
  return intent;
}

document& setup_intent_of(sandbox& account, document& session) {
  auto& intent = account.get("setup_intent", text_of(session, "setup_intent"), "setup_intent");
  intent["customer"] = session.at("customer");
  return intent;
}

void make_invoice_of(sandbox& account, document& session, const document& intent) {
  const auto& creation = object_of(session, "invoice_creation");
  auto* customer = account.documents.find("customer", text_of(session, "customer"));
  if (!is_set(creation, "enabled") || !customer || has(session, "invoice")) return;
  auto& invoice = make_invoice(account, *customer, text_of(session, "currency"));
  if (!has(invoice, "customer_email")) invoice["customer_email"] = text_or_null(text_of(session, "_email"));
  for (const auto& [name, value] : object_of(session, "_invoice_data"))
    invoice[name] = value;
  for (const auto& line : session.at("_lines").get_array())
    add_line(
        account,
        invoice,
        number_of(line.get_object(), "amount_total"),
        text_of(line.get_object(), "description"),
        number_of(line.get_object(), "quantity")
    );
  session["invoice"] = invoice.at("id");
  account.emit("invoice.created", invoice);
  finalize(account, invoice);
  mark_paid(account, invoice, &intent);
}

void complete(sandbox& account, document& session, std::string_view payment_status) {
  session["status"] = "complete";
  session["payment_status"] = payment_status;
  session["url"] = nullptr;
  const auto email = text_of(session, "_email");
  session["customer_details"] = document{
      {"address",
       {{"city", nullptr},
        {"country", "US"},
        {"line1", nullptr},
        {"line2", nullptr},
        {"postal_code", nullptr},
        {"state", nullptr}}},
      {"business_name", nullptr},
      {"email", text_or_null(email)},
      {"individual_name", nullptr},
      {"name", "Test Payer"},
      {"phone", nullptr},
      {"tax_exempt", "none"},
      {"tax_ids", json::array{}},
  };
  account.emit("checkout.session.completed", session);
}

void payment_settled(sandbox& account, document& session, const document& intent) {
  const bool is_open = text_of(session, "status") == "open";
  const auto status = text_of(intent, "status");
  if (status == "requires_capture" && is_open) return complete(account, session, "unpaid");
  const bool was_unpaid =
      text_of(session, "status") == "complete" && text_of(session, "payment_status") == "unpaid";
  const bool is_captured_later = text_of(intent, "capture_method") == "manual";
  if (status == "succeeded") {
    make_invoice_of(account, session, intent);
    if (is_open) return complete(account, session, "paid");
    if (!was_unpaid) return;
    session["payment_status"] = "paid";
    if (!is_captured_later) account.emit("checkout.session.async_payment_succeeded", session);
  } else if (was_unpaid && !is_captured_later) {
    account.emit("checkout.session.async_payment_failed", session);
  }
}

} // namespace

document* session_of(sandbox& account, const document& intent) {
  return account.documents.find("checkout.session", text_of(intent, "_session"));
}

void follow_payments(sandbox& account) {
  account.when_settled.push_back([&account](document& intent) {
    auto* session = session_of(account, intent);
    if (!session) return;
    if (text_of(intent, "object") == "payment_intent") return payment_settled(account, *session, intent);
    const bool is_saved = text_of(intent, "status") == "succeeded" && text_of(*session, "status") == "open";
    if (is_saved) complete(account, *session, "no_payment_required");
  });
}

document&
present_method(sandbox& account, document& session, const test_method& like, const std::string& email) {
  if (text_of(session, "status") != "open") throw state_error("", "This Checkout Session is no longer open.");
  know_payer(account, session, email);
  auto& method = make_method(account, like);
  method["billing_details"].as_object()["email"] = text_or_null(text_of(session, "_email"));
  if (text_of(session, "mode") == "setup") {
    auto& intent = setup_intent_of(account, session);
    attempt_setup(account, intent, method, {});
    return intent;
  }
  auto& intent = payment_intent_of(account, session);
  if (!may_confirm(text_of(intent, "status")))
    throw state_error("", "The payment of this session is under way.");
  const auto decided = attempt(account, intent, method, {});
  if (decided == verdict::outcome_comes_later) complete(account, session, "unpaid");
  return intent;
}

void expire(sandbox& account, document& session) {
  if (text_of(session, "status") != "open")
    throw state_error(
        "",
        "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a "
        "status of " +
            std::string{text_of(session, "status")} + "."
    );
  session["status"] = "expired";
  session["url"] = nullptr;
  if (auto* intent = account.documents.find("payment_intent", text_of(session, "payment_intent")))
    if (may_cancel(text_of(*intent, "status"))) cancel(account, *intent, "abandoned");
  account.emit("checkout.session.expired", session);
}

void await_expiry(sandbox& account, const document& session) {
  const auto wait_ms = (number_of(session, "expires_at") - account.now()) * 1'000;
  account.clock.after(wait_ms, [&account, id = std::string{text_of(session, "id")}] {
    auto* late = account.documents.find("checkout.session", id);
    if (late && text_of(*late, "status") == "open") expire(account, *late);
  });
}

std::string success_url(const document& session) {
  std::string url{text_of(session, "success_url")};
  for (auto at = url.find(placeholder); at != std::string::npos; at = url.find(placeholder))
    url.replace(at, placeholder.size(), text_of(session, "id"));
  return url;
}

} // namespace tessera::paysim
