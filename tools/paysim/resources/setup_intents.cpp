#include "tools/paysim/payments/setup_intents.hpp"

#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/payments/payment_methods.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

document& intent_of(const call& of) {
  return of.account.get("setup_intent", of.ids.front(), "intent", 404);
}

api_error unexpected(const document& intent, std::string_view verb) {
  auto error = state_error(
      "setup_intent_unexpected_state",
      "You cannot " + std::string{verb} + " this SetupIntent because it has a status of " +
          std::string{text_of(intent, "status")} + "."
  );
  error.more["setup_intent"] = intent;
  return error;
}

void read_details(sandbox& account, const parameters& params, document& intent) {
  params.copy_texts(intent, {"description"});
  params.merge_metadata(intent);
  if (const auto customer = params.text("customer"); customer && !customer->empty())
    intent["customer"] = text_of(account.get("customer", *customer, "customer"), "id");
  params.ignore(
      {"payment_method_options",
       "automatic_payment_methods",
       "allowed_payment_method_types",
       "excluded_payment_method_types",
       "flow_directions",
       "mandate_data",
       "use_stripe_sdk"}
  );
}

json::value confirm_now(sandbox& account, document& intent, const std::string& id) {
  auto& method = resolve_method(account, id, "payment_method");
  check_usable(method, text_of(intent, "customer"));
  const auto decided = attempt_setup(account, intent, method, {});
  if (decided == verdict::fails || decided == verdict::fails_for_want_of_payer) throw setup_error(intent);
  return intent;
}

json::value create(const call& of) {
  auto made = new_setup_intent(of.account);
  read_details(of.account, of.params, made);
  if (const auto usage = of.params.choice("usage", {"on_session", "off_session"})) made["usage"] = *usage;
  const auto method = of.params.text("payment_method").value_or("");
  const bool confirms = of.params.boolean("confirm").value_or(false);
  const auto return_url = of.params.text("return_url").value_or("");
  of.params.done();
  if (confirms && method.empty())
    throw invalid_request(
        "You cannot confirm this SetupIntent because it's missing a payment method.",
        "payment_method",
        "parameter_missing"
    );
  if (!return_url.empty()) made["_return_url"] = return_url;
  auto& intent = of.account.documents.add(std::move(made));
  of.account.emit("setup_intent.created", intent);
  if (confirms) return confirm_now(of.account, intent, method);
  if (method.empty()) return intent;
  intent["payment_method"] = resolve_method(of.account, method, "payment_method").at("id");
  intent["status"] = "requires_confirmation";
  return intent;
}

json::value update(const call& of) {
  auto& intent = intent_of(of);
  auto changed = intent;
  read_details(of.account, of.params, changed);
  const auto method = of.params.text("payment_method").value_or("");
  of.params.done();
  if (!method.empty()) {
    if (!may_update(text_of(intent, "status"))) throw unexpected(intent, "update");
    changed["payment_method"] = resolve_method(of.account, method, "payment_method").at("id");
    changed["status"] = "requires_confirmation";
  }
  intent = std::move(changed);
  return intent;
}

json::value confirm(const call& of) {
  auto& intent = intent_of(of);
  auto method = of.params.text("payment_method").value_or("");
  const auto return_url = of.params.text("return_url").value_or("");
  of.params.ignore({"mandate_data", "payment_method_options", "use_stripe_sdk", "client_secret"});
  of.params.done();
  if (!may_confirm(text_of(intent, "status"))) throw unexpected(intent, "confirm");
  if (method.empty()) method = text_of(intent, "payment_method");
  if (method.empty()) throw unexpected(intent, "confirm");
  if (!return_url.empty()) intent["_return_url"] = return_url;
  return confirm_now(of.account, intent, method);
}

json::value cancel(const call& of) {
  auto& intent = intent_of(of);
  const auto reason =
      of.params.choice("cancellation_reason", {"abandoned", "duplicate", "requested_by_customer"});
  of.params.done();
  if (!may_confirm(text_of(intent, "status"))) throw unexpected(intent, "cancel");
  intent["status"] = "canceled";
  intent["cancellation_reason"] = text_or_null(reason.value_or(""));
  intent["next_action"] = nullptr;
  of.account.emit("setup_intent.canceled", intent);
  return intent;
}

json::value list(const call& of) {
  const auto customer = of.params.text("customer");
  const auto method = of.params.text("payment_method");
  return answer_list(of, "setup_intent", [&](const document& each) {
    return (!customer || text_of(each, "customer") == *customer) &&
           (!method || text_of(each, "payment_method") == *method);
  });
}

json::value retrieve(const call& of) {
  of.params.ignore({"client_secret"});
  of.params.done();
  return intent_of(of);
}

} // namespace

endpoint_table setup_intent_endpoints() {
  return {
      {"POST", "/v1/setup_intents", create},
      {"GET", "/v1/setup_intents", list},
      {"GET", "/v1/setup_intents/:id", retrieve},
      {"POST", "/v1/setup_intents/:id", update},
      {"POST", "/v1/setup_intents/:id/confirm", confirm},
      {"POST", "/v1/setup_intents/:id/cancel", cancel},
  };
}

} // namespace tessera::paysim
