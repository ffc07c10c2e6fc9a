#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/checkout/sessions.hpp"
#include "tools/paysim/payments/amounts.hpp"
#include "tools/paysim/payments/products.hpp"
#include "tools/paysim/payments/setup_intents.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

constexpr std::int64_t longest_seconds = 24 * 3'600;
constexpr std::int64_t shortest_seconds = 30 * 60;
constexpr std::size_t most_lines = 100;

document new_session(sandbox& account) {
  const auto id = "cs_test_a1" + account.luck.letters(56);
  const auto page = account.options.base_url + "/c/pay/" + id;
  return {
      {"id", id},
      {"object", "checkout.session"},
      {"adaptive_pricing", {{"enabled", false}}},
      {"after_expiration", nullptr},
      {"allow_promotion_codes", nullptr},
      {"allowed_payment_method_types", nullptr},
      {"amount_subtotal", nullptr},
      {"amount_total", nullptr},
      {"automatic_tax",
       {{"enabled", false}, {"liability", nullptr}, {"provider", nullptr}, {"status", nullptr}}},
      {"billing_address_collection", nullptr},
      {"cancel_url", nullptr},
      {"client_reference_id", nullptr},
      {"client_secret", nullptr},
      {"collected_information", nullptr},
      {"consent", nullptr},
      {"consent_collection", nullptr},
      {"created", account.now()},
      {"currency", nullptr},
      {"currency_conversion", nullptr},
      {"custom_fields", json::array{}},
      {"custom_text",
       {{"after_submit", nullptr},
        {"shipping_address", nullptr},
        {"submit", nullptr},
        {"terms_of_service_acceptance", nullptr}}},
      {"customer", nullptr},
      {"customer_account", nullptr},
      {"customer_creation", nullptr},
      {"customer_details", nullptr},
      {"customer_email", nullptr},
      {"discounts", json::array{}},
      {"expires_at", account.now() + longest_seconds},
      {"integration_identifier", nullptr},
      {"invoice", nullptr},
      {"invoice_creation", nullptr},
      {"livemode", false},
      {"locale", nullptr},
      {"managed_payments", nullptr},
      {"metadata", document{}},
      {"mode", nullptr},
      {"origin_context", nullptr},
      {"payment_intent", nullptr},
      {"payment_link", nullptr},
      {"payment_method_collection", nullptr},
      {"payment_method_configuration_details", nullptr},
      {"payment_method_options", document{}},
      {"payment_method_types", json::array{"card", "us_bank_account"}},
      {"payment_status", "unpaid"},
      {"permissions", nullptr},
      {"phone_number_collection", {{"enabled", false}}},
      {"recovered_from", nullptr},
      {"saved_payment_method_options", nullptr},
      {"setup_intent", nullptr},
      {"shipping_address_collection", nullptr},
      {"shipping_cost", nullptr},
      {"shipping_options", json::array{}},
      {"status", "open"},
      {"submit_type", nullptr},
      {"subscription", nullptr},
      {"success_url", nullptr},
      {"total_details", nullptr},
      {"ui_mode", "hosted_page"},
      {"url", page},
      {"wallet_options", nullptr},
      {"_page", page},
      {"_lines", json::array{}},
  };
}

document line_item(sandbox& account, const order_line& line) {
  return {
      {"id", account.make_id("li")},
      {"object", "item"},
      {"adjustable_quantity", nullptr},
      {"amount_discount", 0},
      {"amount_subtotal", line.amount()},
      {"amount_tax", 0},
      {"amount_total", line.amount()},
      {"currency", line.currency()},
      {"description", line.description},
      {"metadata", document{}},
      {"price", line.price},
      {"quantity", line.quantity},
  };
}

void read_lines(const call& of, document& session) {
  const auto items = of.params.list("line_items");
  if (items.empty()) throw missing_parameter("line_items");
  if (items.size() > most_lines) throw invalid_request("Too many line items.", "line_items");
  std::int64_t total = 0;
  for (const auto& item : items) {
    const auto line = read_order_line(of.account, item);
    if (has(session, "currency") && text_of(session, "currency") != line.currency())
      throw invalid_request("All line items must have the same currency.", item.name_of("price_data"));
    session["currency"] = line.currency();
    total += line.amount();
    session["_lines"].get_array().push_back(line_item(of.account, line));
  }
  check_amount(total, text_of(session, "currency"), "line_items");
  session["amount_subtotal"] = session["amount_total"] = total;
  session["total_details"] = document{{"amount_discount", 0}, {"amount_shipping", 0}, {"amount_tax", 0}};
}

void read_payment_intent_data(const parameters& params, document& session) {
  document data{{"metadata", document{}}};
  if (const auto given = params.object("payment_intent_data")) {
    given->merge_metadata(data);
    given->copy_texts(
        data,
        {"description",
         "receipt_email",
         "statement_descriptor",
         "statement_descriptor_suffix",
         "transfer_group"}
    );
    if (const auto usage = given->choice("setup_future_usage", {"on_session", "off_session"}))
      data["setup_future_usage"] = *usage;
    if (const auto how = given->choice("capture_method", {"automatic", "automatic_async", "manual"}))
      data["capture_method"] = *how;
  }
  session["_payment_intent_data"] = std::move(data);
}

void read_invoice_creation(const parameters& params, document& session) {
  const auto given = params.object("invoice_creation");
  document data{{"metadata", document{}}};
  bool is_enabled = false;
  if (given) {
    is_enabled = given->boolean("enabled").value_or(false);
    if (const auto inner = given->object("invoice_data")) {
      inner->copy_texts(data, {"description", "footer"});
      inner->merge_metadata(data);
      inner->ignore({"custom_fields", "rendering_options", "account_tax_ids"});
    }
  }
  session["invoice_creation"] = document{
      {"enabled", is_enabled},
      {"invoice_data",
       {{"account_tax_ids", nullptr},
        {"custom_fields", nullptr},
        {"description", data.contains("description") ? data.at("description") : json::value(nullptr)},
        {"footer", nullptr},
        {"issuer", nullptr},
        {"metadata", data.at("metadata")},
        {"rendering_options", nullptr}}}};
  session["_invoice_data"] = std::move(data);
}

void read_payer(const call& of, document& session) {
  const auto customer = of.params.text("customer").value_or("");
  const auto email = of.params.text("customer_email").value_or("");
  if (!customer.empty() && !email.empty())
    throw invalid_request(
        "You may only specify one of these parameters: customer, customer_email.", {}, "parameters_exclusive"
    );
  const auto creation = of.params.choice("customer_creation", {"always", "if_required"});
  session["customer_email"] = text_or_null(email);
  session["_email"] = email;
  if (customer.empty()) {
    const bool needs_one = is_set(object_of(session, "invoice_creation"), "enabled") ||
                           has(object_of(session, "_payment_intent_data"), "setup_future_usage");
    session["customer_creation"] = needs_one ? "always" : creation.value_or("if_required");
    return;
  }
  if (creation)
    throw invalid_request(
        "`customer_creation` may not be used when `customer` is specified.", "customer_creation"
    );
  const auto& known = of.account.get("customer", customer, "customer");
  session["customer"] = customer;
  session["_email"] = text_of(known, "email");
}

void read_expiry(const call& of, document& session) {
  const auto at = of.params.integer("expires_at");
  if (!at) return;
  const auto ahead = *at - of.account.now();
  if (ahead < shortest_seconds - 60 || ahead > longest_seconds + 60)
    throw invalid_request(
        "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session "
        "creation.",
        "expires_at"
    );
  session["expires_at"] = *at;
}

void begin_setup(const call& of, document& session, document metadata) {
  auto intent = new_setup_intent(of.account);
  intent["metadata"] = metadata.at("metadata");
  intent["_session"] = session.at("id");
  intent["_return_url"] = session.at("_page");
  session["setup_intent"] = intent.at("id");
  session["payment_status"] = "no_payment_required";
  of.account.emit("setup_intent.created", of.account.documents.add(std::move(intent)));
}

json::value create(const call& of) {
  auto session = new_session(of.account);
  const auto& params = of.params;
  const auto mode = params.choice("mode", {"payment", "setup"});
  if (!mode) throw missing_parameter("mode");
  session["mode"] = *mode;
  params.copy_texts(session, {"cancel_url", "client_reference_id", "locale", "submit_type"});
  session["success_url"] = params.required_text("success_url");
  params.choice("ui_mode", {"hosted_page"});
  params.merge_metadata(session);
  document setup_metadata{{"metadata", document{}}};
  if (*mode == "payment") {
    read_lines(of, session);
    read_payment_intent_data(params, session);
    read_invoice_creation(params, session);
  } else {
    if (const auto currency = params.text("currency"))
      session["currency"] = read_currency(*currency, "currency");
    if (const auto data = params.object("setup_intent_data")) {
      data->merge_metadata(setup_metadata);
      data->ignore({"description"});
    }
  }
  read_payer(of, session);
  read_expiry(of, session);
  params.ignore(
      {"currency",
       "allow_promotion_codes",
       "allowed_payment_method_types",
       "excluded_payment_method_types",
       "billing_address_collection",
       "payment_method_options",
       "saved_payment_method_options",
       "customer_update",
       "phone_number_collection",
       "tax_id_collection",
       "consent_collection",
       "custom_text",
       "adaptive_pricing",
       "origin_context"}
  );
  params.done();
  if (*mode == "setup") begin_setup(of, session, setup_metadata);
  auto& made = of.account.documents.add(std::move(session));
  await_expiry(of.account, made);
  return made;
}

document& session_named(const call& of) {
  return of.account.get("checkout.session", of.ids.front(), "session", 404);
}

/// `line_items` is there for who expands it only.
json::value with_lines(const document& session) {
  document answer = session;
  const auto url = "/v1/checkout/sessions/" + std::string{text_of(session, "id")} + "/line_items";
  answer["line_items"] = whole_list(session.at("_lines").get_array(), url);
  return answer;
}

json::value retrieve(const call& of) {
  const auto expanded = of.params.texts("expand");
  of.params.done();
  const auto& session = session_named(of);
  for (const auto& path : expanded)
    if (path.starts_with("line_items")) return with_lines(session);
  return session;
}

json::value update(const call& of) {
  auto& session = session_named(of);
  auto changed = session;
  of.params.merge_metadata(changed);
  of.params.done();
  session = std::move(changed);
  return session;
}

json::value expire_it(const call& of) {
  auto& session = session_named(of);
  of.params.done();
  expire(of.account, session);
  return session;
}

json::value list_lines(const call& of) {
  of.params.ignore({"limit", "starting_after", "ending_before"});
  of.params.done();
  return whole_list(session_named(of).at("_lines").get_array(), of.path);
}

json::value list(const call& of) {
  const auto customer = of.params.text("customer");
  const auto intent = of.params.text("payment_intent");
  const auto status = of.params.text("status");
  return answer_list(of, "checkout.session", [&](const document& each) {
    return (!customer || text_of(each, "customer") == *customer) &&
           (!intent || text_of(each, "payment_intent") == *intent) &&
           (!status || text_of(each, "status") == *status);
  });
}

} // namespace

endpoint_table checkout_endpoints() {
  return {
      {"POST", "/v1/checkout/sessions", create},
      {"GET", "/v1/checkout/sessions", list},
      {"GET", "/v1/checkout/sessions/:id", retrieve},
      {"POST", "/v1/checkout/sessions/:id", update},
      {"POST", "/v1/checkout/sessions/:id/expire", expire_it},
      {"GET", "/v1/checkout/sessions/:id/line_items", list_lines},
  };
}

} // namespace tessera::paysim
