#include "tools/paysim/payments/invoices.hpp"

#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/payments/amounts.hpp"
#include "tools/paysim/payments/intents.hpp"
#include "tools/paysim/payments/payment_methods.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

document& invoice_of(const call& of) {
  return of.account.get("invoice", of.ids.front(), "invoice", 404);
}

api_error unexpected(const document& invoice, std::string_view verb) {
  return state_error(
      "invoice_not_editable",
      "An invoice with the status " + std::string{text_of(invoice, "status")} + " can't be " +
          std::string{verb} + "."
  );
}

void require_status(const document& invoice, std::string_view status, std::string_view verb) {
  if (text_of(invoice, "status") != status) throw unexpected(invoice, verb);
}

void read_details(const parameters& params, document& invoice) {
  params.copy_texts(invoice, {"description", "footer", "statement_descriptor", "default_payment_method"});
  params.merge_metadata(invoice);
  if (const auto how = params.choice("collection_method", {"charge_automatically", "send_invoice"}))
    invoice["collection_method"] = *how;
  if (const auto advances = params.boolean("auto_advance")) invoice["auto_advance"] = *advances;
  params.ignore({"custom_fields", "payment_settings", "rendering"});
}

json::value create(const call& of) {
  const auto id = of.params.required_text("customer");
  const auto& customer = of.account.get("customer", id, "customer");
  const auto currency = read_currency(of.params.text("currency").value_or("usd"), "currency");
  const auto days = of.params.integer("days_until_due");
  const auto includes =
      of.params.choice("pending_invoice_items_behavior", {"include", "exclude"}).value_or("exclude");
  document details;
  read_details(of.params, details);
  of.params.done();
  auto& invoice = make_invoice(of.account, customer, currency);
  for (const auto& [name, value] : details)
    invoice[name] = value;
  if (days) invoice["due_date"] = of.account.now() + *days * 86'400;
  for (const auto& item : of.account.documents.all("invoiceitem"))
    if (includes == "include" && text_of(*item, "customer") == id && !has(*item, "invoice")) {
      add_line(of.account, invoice, number_of(*item, "amount"), text_of(*item, "description"));
      item->insert_or_assign("invoice", invoice.at("id"));
    }
  of.account.emit("invoice.created", invoice);
  return invoice;
}

json::value create_item(const call& of) {
  const auto id = of.params.required_text("customer");
  of.account.get("customer", id, "customer");
  const auto amount = of.params.required_integer("amount");
  const auto currency = read_currency(of.params.required_text("currency"), "currency");
  const auto invoice_id = of.params.text("invoice").value_or("");
  document details{{"description", nullptr}};
  of.params.copy_texts(details, {"description"});
  of.params.merge_metadata(details);
  of.params.done();
  auto* invoice = invoice_id.empty() ? nullptr : &of.account.get("invoice", invoice_id, "invoice");
  if (invoice) require_status(*invoice, "draft", "changed");
  auto& item = of.account.documents.add({
      {"id", of.account.make_id("ii")},
      {"object", "invoiceitem"},
      {"amount", amount},
      {"currency", currency},
      {"customer", id},
      {"customer_account", nullptr},
      {"date", of.account.now()},
      {"description", details.at("description")},
      {"discountable", true},
      {"discounts", json::array{}},
      {"invoice", text_or_null(invoice_id)},
      {"livemode", false},
      {"metadata", details.at("metadata")},
      {"parent", nullptr},
      {"period", {{"end", of.account.now()}, {"start", of.account.now()}}},
      {"pricing", nullptr},
      {"proration", false},
      {"quantity", 1},
      {"quantity_decimal", "1"},
      {"tax_rates", json::array{}},
      {"test_clock", nullptr},
  });
  if (invoice) add_line(of.account, *invoice, amount, text_of(item, "description"));
  of.account.emit("invoiceitem.created", item);
  return item;
}

json::value update(const call& of) {
  auto& invoice = invoice_of(of);
  auto changed = invoice;
  read_details(of.params, changed);
  of.params.done();
  if (text_of(invoice, "status") != "draft" && of.params.has("collection_method"))
    throw unexpected(invoice, "changed");
  invoice = std::move(changed);
  of.account.emit("invoice.updated", invoice);
  return invoice;
}

json::value finalize_it(const call& of) {
  auto& invoice = invoice_of(of);
  of.params.ignore({"auto_advance"});
  of.params.done();
  require_status(invoice, "draft", "finalized");
  finalize(of.account, invoice);
  if (number_of(invoice, "total") == 0) mark_paid(of.account, invoice, nullptr);
  return invoice;
}

json::value send(const call& of) {
  auto& invoice = invoice_of(of);
  of.params.done();
  if (text_of(invoice, "status") == "draft") finalize(of.account, invoice);
  require_status(invoice, "open", "sent");
  of.account.emit("invoice.sent", invoice);
  return invoice;
}

/// The method that pays it: what the call names, else the invoice's, else the customer's.
std::string paying_method(const call& of, const document& invoice) {
  const auto& customer = of.account.get("customer", text_of(invoice, "customer"), "customer");
  for (const auto found :
       {text_of(invoice, "default_payment_method"),
        text_of(object_of(customer, "invoice_settings"), "default_payment_method")})
    if (!found.empty()) return std::string{found};
  throw state_error(
      "",
      "Cannot charge customer that has no active card. Please pass a `payment_method` or set a default one."
  );
}

json::value pay(const call& of) {
  auto& invoice = invoice_of(of);
  auto id = of.params.text("payment_method").value_or("");
  const bool is_elsewhere = of.params.boolean("paid_out_of_band").value_or(false);
  const bool is_off_session = of.params.boolean("off_session").value_or(true);
  of.params.done();
  if (text_of(invoice, "status") == "draft") finalize(of.account, invoice);
  if (text_of(invoice, "status") == "paid") throw state_error("", "Invoice is already paid");
  require_status(invoice, "open", "paid");
  if (is_elsewhere) {
    mark_paid(of.account, invoice, nullptr);
    return invoice;
  }
  if (id.empty()) id = paying_method(of, invoice);
  auto& method = resolve_method(of.account, id, "payment_method");
  check_usable(method, text_of(invoice, "customer"));
  auto made = new_intent(of.account, number_of(invoice, "amount_due"), text_of(invoice, "currency"));
  made["customer"] = invoice.at("customer");
  made["metadata"] = invoice.at("metadata");
  auto& intent = of.account.documents.add(std::move(made));
  of.account.emit("payment_intent.created", intent);
  invoice["attempt_count"] = number_of(invoice, "attempt_count") + 1;
  invoice["attempted"] = true;
  attempt(
      of.account,
      intent,
      method,
      {.is_off_session = is_off_session, .was_set_up = is_set(method, "_was_set_up")}
  );
  if (text_of(intent, "status") == "succeeded") {
    mark_paid(of.account, invoice, &intent);
    return invoice;
  }
  of.account.emit("invoice.payment_failed", invoice);
  if (has(intent, "last_payment_error")) throw payment_error(intent);
  return invoice;
}

endpoint closing(std::string_view status, std::string_view moment) {
  return [status, moment](const call& of) -> json::value {
    auto& invoice = invoice_of(of);
    of.params.done();
    require_status(invoice, "open", status);
    invoice["status"] = status;
    invoice["status_transitions"].as_object()[moment] = of.account.now();
    of.account.emit(status == "void" ? "invoice.voided" : "invoice.marked_uncollectible", invoice);
    return invoice;
  };
}

json::value remove(const call& of) {
  const auto& invoice = invoice_of(of);
  of.params.done();
  require_status(invoice, "draft", "deleted");
  of.account.emit("invoice.deleted", invoice);
  of.account.documents.remove("invoice", of.ids.front());
  return document{{"id", of.ids.front()}, {"object", "invoice"}, {"deleted", true}};
}

json::value lines(const call& of) {
  const auto& invoice = invoice_of(of);
  of.params.ignore({"limit", "starting_after", "ending_before"});
  of.params.done();
  return invoice.at("lines");
}

json::value list(const call& of) {
  const auto customer = of.params.text("customer");
  const auto status = of.params.text("status");
  of.params.ignore({"collection_method"});
  return answer_list(of, "invoice", [&](const document& each) {
    return (!customer || text_of(each, "customer") == *customer) &&
           (!status || text_of(each, "status") == *status);
  });
}

json::value list_payments(const call& of) {
  const auto invoice = of.params.text("invoice");
  of.params.ignore({"payment", "status"});
  return answer_list(of, "invoice_payment", [&](const document& each) {
    return !invoice || text_of(each, "invoice") == *invoice;
  });
}

} // namespace

endpoint_table invoice_endpoints() {
  return {
      {"POST", "/v1/invoices", create},
      {"GET", "/v1/invoices", list},
      {"GET", "/v1/invoices/:id", retrieving("invoice", "invoice")},
      {"POST", "/v1/invoices/:id", update},
      {"DELETE", "/v1/invoices/:id", remove},
      {"POST", "/v1/invoices/:id/finalize", finalize_it},
      {"POST", "/v1/invoices/:id/send", send},
      {"POST", "/v1/invoices/:id/pay", pay},
      {"POST", "/v1/invoices/:id/void", closing("void", "voided_at")},
      {"POST", "/v1/invoices/:id/mark_uncollectible", closing("uncollectible", "marked_uncollectible_at")},
      {"GET", "/v1/invoices/:id/lines", lines},
      {"POST", "/v1/invoiceitems", create_item},
      {"GET", "/v1/invoiceitems/:id", retrieving("invoiceitem", "invoiceitem")},
      {"GET", "/v1/invoice_payments", list_payments},
  };
}

} // namespace tessera::paysim
