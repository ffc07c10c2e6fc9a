#include "tools/paysim/api/lists.hpp"
#include "tools/paysim/payments/amounts.hpp"
#include "tools/paysim/payments/intents.hpp"
#include "tools/paysim/payments/payment_methods.hpp"
#include "tools/paysim/resources/resources.hpp"

namespace tessera::paysim {

namespace {

/// What create and update have in common.
void read_details(sandbox& account, const parameters& params, document& intent) {
  params.copy_texts(
      intent,
      {"description",
       "receipt_email",
       "statement_descriptor",
       "statement_descriptor_suffix",
       "transfer_group"}
  );
  params.merge_metadata(intent);
  if (const auto customer = params.text("customer"); customer && !customer->empty()) {
    if (is_set(account.get("customer", *customer, "customer"), "deleted"))
      throw no_such("customer", *customer, "customer");
    intent["customer"] = *customer;
  }
  if (const auto usage = params.choice("setup_future_usage", {"on_session", "off_session"}))
    intent["setup_future_usage"] = *usage;
  if (const auto method = params.choice("capture_method", {"automatic", "automatic_async", "manual"}))
    intent["capture_method"] = *method;
  params.ignore(
      {"shipping", "payment_method_options", "allowed_payment_method_types", "excluded_payment_method_types"}
  );
}

void read_automatic_methods(const parameters& params, document& intent) {
  const auto given = params.object("automatic_payment_methods");
  intent["automatic_payment_methods"] = document{{"allow_redirects", "always"}, {"enabled", true}};
  if (!given) return;
  const auto redirects = given->choice("allow_redirects", {"always", "never"}).value_or("always");
  const bool enabled = given->boolean("enabled").value_or(false);
  intent["automatic_payment_methods"] = document{{"allow_redirects", redirects}, {"enabled", enabled}};
}

/// How a call wants the intent to be confirmed.
struct confirmation {
  std::string method;
  std::string return_url;
  attempt_terms terms;
};

confirmation read_confirmation(const parameters& params) {
  confirmation wanted;
  wanted.method = params.text("payment_method").value_or("");
  wanted.return_url = params.text("return_url").value_or("");
  const auto off_session =
      params.choice("off_session", {"true", "false", "one_off", "recurring"}).value_or("false");
  wanted.terms.is_off_session = off_session != "false";
  wanted.terms.may_ask = !params.boolean("error_on_requires_action").value_or(false);
  params.ignore({"use_stripe_sdk", "mandate", "mandate_data", "radar_options"});
  return wanted;
}

/// The provider's rule: redirects may be needed, so where they lead back to must be known.
void check_return_url(const document& intent, const confirmation& wanted) {
  const auto& automatic = object_of(intent, "automatic_payment_methods");
  const bool may_redirect = is_set(automatic, "enabled") && text_of(automatic, "allow_redirects") == "always";
  if (!may_redirect || wanted.terms.is_off_session || !wanted.return_url.empty() ||
      has(intent, "_return_url"))
    return;
  throw invalid_request(
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of "
      "these "
      "payment methods might redirect your customer off of your page, you must provide a `return_url`. If "
      "you don't "
      "want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
      "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment "
      "Intents.",
      "return_url"
  );
}

/// Checked before anything is made.
document& method_for(sandbox& account, const document& intent, const std::string& id) {
  auto& method = resolve_method(account, id, "payment_method");
  check_usable(method, text_of(intent, "customer"));
  return method;
}

json::value confirm_now(sandbox& account, document& intent, document& method, confirmation wanted) {
  if (!wanted.return_url.empty()) intent["_return_url"] = wanted.return_url;
  wanted.terms.was_set_up = is_set(method, "_was_set_up");
  const auto decided = attempt(account, intent, method, wanted.terms);
  if (decided == verdict::fails || decided == verdict::fails_for_want_of_payer) throw payment_error(intent);
  return intent;
}

json::value create(const call& of) {
  auto& account = of.account;
  const auto amount = of.params.required_integer("amount");
  const auto currency = read_currency(of.params.required_text("currency"), "currency");
  check_amount(amount, currency, "amount");
  auto made = new_intent(account, amount, currency);
  read_details(account, of.params, made);
  read_automatic_methods(of.params, made);
  const bool confirms = of.params.boolean("confirm").value_or(false);
  if (const auto how = of.params.choice("confirmation_method", {"automatic", "manual"}))
    made["confirmation_method"] = *how;
  const auto wanted = read_confirmation(of.params);
  of.params.done();
  if (!confirms)
    for (const auto name : {"off_session", "return_url", "error_on_requires_action"})
      if (of.params.has(name))
        throw invalid_request(std::string{name} + " can only be set when confirm is true.", name);
  if (confirms && wanted.method.empty())
    throw invalid_request(
        "You cannot confirm this PaymentIntent because it's missing a payment method.",
        "payment_method",
        "parameter_missing"
    );
  if (confirms) check_return_url(made, wanted);
  auto* method = wanted.method.empty() ? nullptr : &method_for(account, made, wanted.method);
  auto& intent = account.documents.add(std::move(made));
  if (method) {
    intent["payment_method"] = method->at("id");
    intent["status"] = "requires_confirmation";
  }
  account.emit("payment_intent.created", intent);
  if (!confirms) return intent;
  return confirm_now(account, intent, *method, wanted);
}

api_error unexpected(const document& intent, std::string_view verb) {
  const auto status = std::string{text_of(intent, "status")};
  auto error = state_error(
      "payment_intent_unexpected_state",
      "You cannot " + std::string{verb} + " this PaymentIntent because it has a status of " + status + "."
  );
  error.more["payment_intent"] = intent;
  return error;
}

document& intent_of(const call& of) {
  return of.account.get("payment_intent", of.ids.front(), "intent", 404);
}

json::value update(const call& of) {
  auto& intent = intent_of(of);
  auto changed = intent;
  if (const auto currency = of.params.text("currency"))
    changed["currency"] = read_currency(*currency, "currency");
  if (const auto amount = of.params.integer("amount")) {
    check_amount(*amount, text_of(changed, "currency"), "amount");
    changed["amount"] = *amount;
  }
  read_details(of.account, of.params, changed);
  const auto method = of.params.text("payment_method").value_or("");
  of.params.done();
  const bool touches_payment = of.params.has("amount") || of.params.has("currency") || !method.empty();
  if (touches_payment && !may_update(text_of(intent, "status"))) throw unexpected(intent, "update");
  if (!method.empty()) {
    changed["payment_method"] = method_for(of.account, changed, method).at("id");
    changed["status"] = "requires_confirmation";
  }
  intent = std::move(changed);
  return intent;
}

json::value confirm(const call& of) {
  auto& intent = intent_of(of);
  auto changed = intent;
  auto wanted = read_confirmation(of.params);
  of.params.copy_texts(changed, {"receipt_email"});
  if (const auto usage = of.params.choice("setup_future_usage", {"on_session", "off_session"}))
    changed["setup_future_usage"] = *usage;
  if (const auto how = of.params.choice("capture_method", {"automatic", "automatic_async", "manual"}))
    changed["capture_method"] = *how;
  of.params.ignore({"payment_method_options", "shipping", "client_secret"});
  of.params.done();
  if (!may_confirm(text_of(intent, "status"))) throw unexpected(intent, "confirm");
  if (wanted.method.empty()) wanted.method = text_of(intent, "payment_method");
  if (wanted.method.empty())
    throw state_error(
        "payment_intent_unexpected_state",
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update "
        "the "
        "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
        "payment "
        "method."
    );
  check_return_url(changed, wanted);
  auto& method = method_for(of.account, changed, wanted.method);
  intent = std::move(changed);
  return confirm_now(of.account, intent, method, wanted);
}

json::value capture_some(const call& of) {
  auto& intent = intent_of(of);
  const auto amount = of.params.integer("amount_to_capture").value_or(number_of(intent, "amount_capturable"));
  of.params.ignore({"statement_descriptor", "statement_descriptor_suffix", "metadata", "final_capture"});
  of.params.done();
  if (!may_capture(text_of(intent, "status"))) throw unexpected(intent, "capture");
  if (amount < 1 || amount > number_of(intent, "amount_capturable"))
    throw state_error(
        "amount_too_large", "The amount to capture is not within what was authorized.", "amount_to_capture"
    );
  capture(of.account, intent, amount);
  return intent;
}

json::value cancel_it(const call& of) {
  auto& intent = intent_of(of);
  const auto reason = of.params.choice(
      "cancellation_reason", {"duplicate", "fraudulent", "requested_by_customer", "abandoned"}
  );
  of.params.done();
  if (!may_cancel(text_of(intent, "status"))) throw unexpected(intent, "cancel");
  cancel(of.account, intent, reason.value_or(""));
  return intent;
}

json::value list(const call& of) {
  const auto customer = of.params.text("customer");
  return answer_list(of, "payment_intent", [&customer](const document& each) {
    return !customer || text_of(each, "customer") == *customer;
  });
}

json::value retrieve(const call& of) {
  of.params.ignore({"client_secret"});
  of.params.done();
  return intent_of(of);
}

} // namespace

endpoint_table payment_intent_endpoints() {
  return {
      {"POST", "/v1/payment_intents", create},
      {"GET", "/v1/payment_intents", list},
      {"GET", "/v1/payment_intents/:id", retrieve},
      {"POST", "/v1/payment_intents/:id", update},
      {"POST", "/v1/payment_intents/:id/confirm", confirm},
      {"POST", "/v1/payment_intents/:id/capture", capture_some},
      {"POST", "/v1/payment_intents/:id/cancel", cancel_it},
  };
}

} // namespace tessera::paysim
