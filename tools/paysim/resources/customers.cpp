#include "tools/paysim/payments/customers.hpp"

#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

void change(const parameters& params, document& customer) {
  params.copy_texts(customer, {"name", "email", "phone", "description"});
  params.merge_metadata(customer);
  if (params.has("address"))
    customer["address"] =
        params.text_object("address", {"city", "country", "line1", "line2", "postal_code", "state"});
  if (const auto settings = params.object("invoice_settings")) {
    settings->copy_texts(customer["invoice_settings"].as_object(), {"default_payment_method", "footer"});
    settings->ignore({"custom_fields", "rendering_options"});
  }
  if (params.has("preferred_locales")) {
    json::array locales;
    for (const auto& each : params.texts("preferred_locales"))
      locales.push_back(json::value(each));
    customer["preferred_locales"] = std::move(locales);
  }
  if (const auto exempt = params.choice("tax_exempt", {"none", "exempt", "reverse"}))
    customer["tax_exempt"] = *exempt;
  params.ignore({"shipping", "tax", "tax_id_data", "balance", "invoice_prefix", "next_invoice_sequence"});
}

json::value create(const call& of) {
  auto made = new_customer(of.account);
  change(of.params, made);
  of.params.done();
  auto& customer = of.account.documents.add(std::move(made));
  of.account.emit("customer.created", customer);
  return customer;
}

document& living(const call& of) {
  auto& customer = of.account.get("customer", of.ids.front(), "id", 404);
  if (is_set(customer, "deleted")) throw no_such("customer", of.ids.front(), "id", 404);
  return customer;
}

json::value update(const call& of) {
  auto& customer = living(of);
  auto changed = customer;
  change(of.params, changed);
  of.params.done();
  customer = std::move(changed);
  of.account.emit("customer.updated", customer);
  return customer;
}

json::value remove(const call& of) {
  auto& customer = living(of);
  of.params.done();
  of.account.emit("customer.deleted", customer);
  for (const auto& method : of.account.documents.all("payment_method"))
    if (text_of(*method, "customer") == of.ids.front()) {
      method->insert_or_assign("customer", nullptr);
      method->insert_or_assign("_is_used_up", true);
    }
  // That it was there is all that is left.
  customer = {{"id", of.ids.front()}, {"object", "customer"}, {"deleted", true}};
  return customer;
}

json::value list(const call& of) {
  const auto email = of.params.text("email");
  return answer_list(of, "customer", [&email](const document& each) {
    return !is_set(each, "deleted") && (!email || text_of(each, "email") == *email);
  });
}

json::value list_methods(const call& of) {
  const auto id = std::string{text_of(living(of), "id")};
  const auto type = of.params.text("type");
  of.params.ignore({"allow_redisplay"});
  return answer_list(of, "payment_method", [&](const document& each) {
    return text_of(each, "customer") == id && (!type || text_of(each, "type") == *type);
  });
}

json::value retrieve_method(const call& of) {
  of.params.done();
  auto& method = of.account.get("payment_method", of.ids.at(1), "payment_method", 404);
  if (text_of(method, "customer") != of.ids.front())
    throw no_such("PaymentMethod", of.ids.at(1), "payment_method", 404);
  return method;
}

} // namespace

endpoint_table customer_endpoints() {
  return {
      {"POST", "/v1/customers", create},
      {"GET", "/v1/customers", list},
      {"GET", "/v1/customers/:id", retrieving("customer")},
      {"POST", "/v1/customers/:id", update},
      {"DELETE", "/v1/customers/:id", remove},
      {"GET", "/v1/customers/:id/payment_methods", list_methods},
      {"GET", "/v1/customers/:id/payment_methods/:method", retrieve_method},
  };
}

} // namespace tessera::paysim
