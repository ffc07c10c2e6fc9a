#include "tools/paysim/payments/setup_intents.hpp"

#include "tools/paysim/payments/card_error.hpp"
#include "tools/paysim/payments/payment_methods.hpp"

namespace tessera::paysim {

namespace {

void succeed(sandbox& account, document& intent, document& method) {
  if (const auto customer = text_of(intent, "customer"); !customer.empty()) attach(account, method, customer);
  method["_was_set_up"] = true;
  intent["status"] = "succeeded";
  intent["last_setup_error"] = nullptr;
  account.emit("setup_intent.succeeded", intent);
  account.settled(intent);
}

void fail(sandbox& account, document& intent, document error) {
  intent["status"] = "requires_payment_method";
  intent["payment_method"] = nullptr;
  intent["next_action"] = nullptr;
  intent["last_setup_error"] = std::move(error);
  account.emit("setup_intent.setup_failed", intent);
  account.settled(intent);
}

void ask_payer(sandbox& account, document& intent) {
  const auto page = account.options.base_url + "/challenge/" + std::string{text_of(intent, "id")};
  const auto return_url = text_of(intent, "_return_url");
  intent["next_action"] = document{
      {"type", "redirect_to_url"},
      {"redirect_to_url", {{"return_url", text_or_null(return_url)}, {"url", page}}}};
  intent["status"] = "requires_action";
  account.emit("setup_intent.requires_action", intent);
}

} // namespace

document new_setup_intent(sandbox& account) {
  const auto id = account.make_id("seti");
  return {
      {"id", id},
      {"object", "setup_intent"},
      {"allowed_payment_method_types", nullptr},
      {"application", nullptr},
      {"automatic_payment_methods", {{"allow_redirects", "always"}, {"enabled", true}}},
      {"cancellation_reason", nullptr},
      {"client_secret", id + "_secret_" + account.luck.letters(25)},
      {"created", account.now()},
      {"customer", nullptr},
      {"customer_account", nullptr},
      {"description", nullptr},
      {"excluded_payment_method_types", nullptr},
      {"flow_directions", nullptr},
      {"last_setup_error", nullptr},
      {"latest_attempt", nullptr},
      {"livemode", false},
      {"managed_payments", nullptr},
      {"mandate", nullptr},
      {"metadata", document{}},
      {"next_action", nullptr},
      {"on_behalf_of", nullptr},
      {"payment_method", nullptr},
      {"payment_method_configuration_details", nullptr},
      {"payment_method_options", document{}},
      {"payment_method_types", json::array{"card", "us_bank_account"}},
      {"single_use_mandate", nullptr},
      {"status", "requires_payment_method"},
      {"usage", "off_session"},
  };
}

verdict attempt_setup(sandbox& account, document& intent, document& method, const attempt_terms& terms) {
  intent["payment_method"] = method.at("id");
  intent["next_action"] = nullptr;
  const auto decided = decide(behaviour_of(method), terms, true);
  if (decided == verdict::succeeds)
    succeed(account, intent, method);
  else if (decided == verdict::asks_payer)
    ask_payer(account, intent);
  else
    fail(
        account,
        intent,
        error_of_intent(
            decided == verdict::fails ? card_error(behaviour_of(method)) : authentication_required(), method
        )
    );
  return decided;
}

void answer_setup_challenge(sandbox& account, document& intent, bool passed) {
  auto& method = account.get("payment_method", text_of(intent, "payment_method"), "payment_method");
  if (passed)
    attempt_setup(account, intent, method, {.is_authenticated = true});
  else
    fail(account, intent, failed_challenge("setup_intent_authentication_failure", method));
}

api_error setup_error(const document& intent) {
  const auto& last = object_of(intent, "last_setup_error");
  api_error error;
  error.status = 402;
  error.has_begun = true;
  error.type = text_of(last, "type");
  error.code = text_of(last, "code");
  error.decline_code = text_of(last, "decline_code");
  error.message = text_of(last, "message");
  error.more["payment_method"] = last.at("payment_method");
  error.more["setup_intent"] = intent;
  return error;
}

} // namespace tessera::paysim
