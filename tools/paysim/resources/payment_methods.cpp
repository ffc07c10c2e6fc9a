#include "tools/paysim/payments/payment_methods.hpp"

#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

json::value billing_details(const parameters& params) {
  const auto given = params.object("billing_details");
  if (!given) return nullptr;
  document details{
      {"address",
       given->text_object("address", {"city", "country", "line1", "line2", "postal_code", "state"})},
      {"email", nullptr},
      {"name", nullptr},
      {"phone", nullptr},
      {"tax_id", nullptr},
  };
  given->copy_texts(details, {"email", "name", "phone", "tax_id"});
  return details;
}

/// Cards by their number or by `tok_visa` and its like.
const test_method& read_card(const parameters& params) {
  const auto card = params.object("card");
  if (!card) throw missing_parameter("card");
  card->ignore({"exp_month", "exp_year", "cvc", "networks"});
  if (const auto token = card->text("token")) {
    const auto* found =
        token->starts_with("tok_") ? find_test_method("pm_card_" + token->substr(4)) : nullptr;
    if (!found) throw no_such("token", *token, "card[token]");
    return *found;
  }
  const auto* found = find_card(card->required_text("number"));
  if (found) return *found;
  api_error error;
  error.status = 402;
  error.type = "card_error";
  error.code = "incorrect_number";
  error.param = "number";
  error.message = "Your card number is incorrect.";
  throw error;
}

json::value create(const call& of) {
  const auto type = of.params.choice("type", {"card", "us_bank_account"});
  if (!type) throw missing_parameter("type");
  const auto* like = find_test_method("pm_usBankAccount_success");
  if (*type == "card") like = &read_card(of.params);
  of.params.ignore({"us_bank_account", "allow_redisplay", "radar_options"});
  auto details = billing_details(of.params);
  document metadata;
  of.params.merge_metadata(metadata);
  of.params.done();
  auto& method = make_method(of.account, *like, std::move(details));
  method["metadata"] = metadata.at("metadata");
  return method;
}

json::value retrieve(const call& of) {
  of.params.done();
  return resolve_method(of.account, of.ids.front(), "payment_method", 404);
}

json::value update(const call& of) {
  auto& method = of.account.get("payment_method", of.ids.front(), "payment_method", 404);
  auto changed = method;
  of.params.merge_metadata(changed);
  if (auto details = billing_details(of.params); !details.is_null())
    changed["billing_details"] = std::move(details);
  of.params.ignore({"card", "allow_redisplay"});
  of.params.done();
  method = std::move(changed);
  of.account.emit("payment_method.updated", method);
  return method;
}

json::value attach_to(const call& of) {
  const auto customer = of.params.required_text("customer");
  of.params.done();
  if (is_set(of.account.get("customer", customer, "customer"), "deleted"))
    throw no_such("customer", customer, "customer");
  auto& method = resolve_method(of.account, of.ids.front(), "payment_method", 404);
  attach(of.account, method, customer);
  return method;
}

json::value detach(const call& of) {
  of.params.done();
  auto& method = of.account.get("payment_method", of.ids.front(), "payment_method", 404);
  if (!has(method, "customer"))
    throw state_error(
        "payment_method_unexpected_state",
        "The payment method you provided is not attached to a customer so detachment is impossible."
    );
  const document before{{"customer", method.at("customer")}};
  method["customer"] = nullptr;
  method["_is_used_up"] = true;
  of.account.emit("payment_method.detached", method, before);
  return method;
}

json::value list(const call& of) {
  const auto customer = of.params.text("customer");
  const auto type = of.params.text("type");
  return answer_list(of, "payment_method", [&](const document& each) {
    return customer && text_of(each, "customer") == *customer && (!type || text_of(each, "type") == *type);
  });
}

} // namespace

endpoint_table payment_method_endpoints() {
  return {
      {"POST", "/v1/payment_methods", create},
      {"GET", "/v1/payment_methods", list},
      {"GET", "/v1/payment_methods/:id", retrieve},
      {"POST", "/v1/payment_methods/:id", update},
      {"POST", "/v1/payment_methods/:id/attach", attach_to},
      {"POST", "/v1/payment_methods/:id/detach", detach},
  };
}

} // namespace tessera::paysim
