#include "tools/paysim/payments/intents.hpp"

#include "tools/paysim/payments/card_error.hpp"
#include "tools/paysim/payments/charges.hpp"
#include "tools/paysim/payments/disputes.hpp"
#include "tools/paysim/payments/payment_methods.hpp"

namespace tessera::paysim {

namespace {

constexpr std::int64_t authorization_ms = 7 * 86'400'000LL;
constexpr std::int64_t dispute_after_ms = 1'000;

void save_for_later(sandbox& account, const document& intent, document& method) {
  const auto customer = text_of(intent, "customer");
  if (text_of(intent, "setup_future_usage").empty() || customer.empty()) {
    if (text_of(method, "customer").empty()) method["_is_used_up"] = true;
    return;
  }
  if (text_of(intent, "setup_future_usage") == "off_session") method["_was_set_up"] = true;
  attach(account, method, customer);
}

void take(document& intent, document& charge, std::int64_t amount) {
  intent["status"] = "succeeded";
  intent["amount_received"] = amount;
  intent["amount_capturable"] = 0;
  charge["amount_captured"] = amount;
  charge["captured"] = true;
}

void dispute_if_that_is_its_way(sandbox& account, const document& charge) {
  const auto& like = *find_test_method(text_of(charge, "_behaves"));
  if (like.dispute.empty()) return;
  account.clock.after(dispute_after_ms, [&account, id = std::string{text_of(charge, "id")}, &like] {
    if (auto* disputed = account.documents.find("charge", id))
      open_dispute(account, *disputed, {.reason = like.dispute, .is_inquiry = like.is_inquiry});
  });
}

void succeed(sandbox& account, document& intent, document& method) {
  intent["last_payment_error"] = nullptr;
  auto& charge = make_charge(account, intent, method, "succeeded", {});
  save_for_later(account, intent, method);
  if (text_of(intent, "capture_method") != "manual") {
    take(intent, charge, number_of(intent, "amount"));
    account.emit("charge.succeeded", charge);
    account.emit("payment_intent.succeeded", intent);
    dispute_if_that_is_its_way(account, charge);
    account.settled(intent);
    return;
  }
  intent["status"] = "requires_capture";
  intent["amount_capturable"] = intent.at("amount");
  account.emit("charge.succeeded", charge);
  account.emit("payment_intent.amount_capturable_updated", intent);
  await_outcome(account, intent);
  account.settled(intent);
}

/// The charge is null where the bank was not asked.
void fail(sandbox& account, document& intent, document* charge, document error) {
  if (charge) error["charge"] = charge->at("id");
  intent["last_payment_error"] = std::move(error);
  intent["payment_method"] = nullptr;
  intent["next_action"] = nullptr;
  intent["status"] = "requires_payment_method";
  if (charge) account.emit("charge.failed", *charge);
  account.emit("payment_intent.payment_failed", intent);
  account.settled(intent);
}

void decline(sandbox& account, document& intent, document& method, const api_error& why) {
  auto error = error_of_intent(why, method);
  auto& charge = make_charge(account, intent, method, "failed", error);
  fail(account, intent, &charge, std::move(error));
}

void ask_payer(sandbox& account, document& intent) {
  const auto page = account.options.base_url + "/challenge/" + std::string{text_of(intent, "id")};
  const auto return_url = text_of(intent, "_return_url");
  if (return_url.empty())
    intent["next_action"] = document{
        {"type", "use_stripe_sdk"},
        {"use_stripe_sdk", {{"type", "three_d_secure_redirect"}, {"stripe_js", page}, {"source", nullptr}}}};
  else
    intent["next_action"] = document{
        {"type", "redirect_to_url"}, {"redirect_to_url", {{"return_url", return_url}, {"url", page}}}};
  intent["status"] = "requires_action";
  account.emit("payment_intent.requires_action", intent);
}

/// What became of a payment whose outcome came later.
void settle_later(sandbox& account, const std::string& id) {
  auto* intent = account.documents.find("payment_intent", id);
  if (!intent || text_of(*intent, "status") != "processing") return;
  auto* charge = latest_charge(account, *intent);
  auto* method = account.documents.find("payment_method", text_of(*intent, "payment_method"));
  const auto& like = behaviour_of(*method);
  if (!like.code.empty()) {
    auto error = error_of_intent(card_error(like), *method);
    charge->insert_or_assign("status", "failed");
    charge->insert_or_assign("captured", false);
    charge->insert_or_assign("amount_captured", 0);
    charge->insert_or_assign("failure_code", error.at("code"));
    charge->insert_or_assign("failure_message", error.at("message"));
    fail(account, *intent, charge, std::move(error));
    return;
  }
  charge->insert_or_assign("status", "succeeded");
  charge->insert_or_assign("paid", true);
  take(*intent, *charge, number_of(*intent, "amount"));
  account.emit("charge.succeeded", *charge);
  account.emit("payment_intent.succeeded", *intent);
  account.settled(*intent);
}

void begin_processing(sandbox& account, document& intent, document& method) {
  intent["status"] = "processing";
  intent["last_payment_error"] = nullptr;
  save_for_later(account, intent, method);
  auto& charge = make_charge(account, intent, method, "pending", {});
  account.emit("charge.pending", charge);
  account.emit("payment_intent.processing", intent);
  await_outcome(account, intent);
}

} // namespace

void await_outcome(sandbox& account, const document& intent) {
  const std::string id{text_of(intent, "id")};
  if (text_of(intent, "status") == "processing")
    account.clock.after(account.options.settle_after_ms, [&account, id] { settle_later(account, id); });
  if (!may_capture(text_of(intent, "status"))) return;
  account.clock.after(authorization_ms, [&account, id] {
    auto* waiting = account.documents.find("payment_intent", id);
    if (waiting && may_capture(text_of(*waiting, "status"))) cancel(account, *waiting, "automatic");
  });
}

document new_intent(sandbox& account, std::int64_t amount, std::string_view currency) {
  const auto id = account.make_id("pi");
  return {
      {"id", id},
      {"object", "payment_intent"},
      {"allowed_payment_method_types", nullptr},
      {"amount", amount},
      {"amount_capturable", 0},
      {"amount_details", {{"tip", document{}}}},
      {"amount_received", 0},
      {"application", nullptr},
      {"application_fee_amount", nullptr},
      {"automatic_payment_methods", nullptr},
      {"canceled_at", nullptr},
      {"cancellation_reason", nullptr},
      {"capture_method", "automatic_async"},
      {"client_secret", id + "_secret_" + account.luck.letters(25)},
      {"confirmation_method", "automatic"},
      {"created", account.now()},
      {"currency", currency},
      {"customer", nullptr},
      {"customer_account", nullptr},
      {"description", nullptr},
      {"excluded_payment_method_types", nullptr},
      {"last_payment_error", nullptr},
      {"latest_charge", nullptr},
      {"livemode", false},
      {"managed_payments", nullptr},
      {"metadata", document{}},
      {"next_action", nullptr},
      {"on_behalf_of", nullptr},
      {"payment_method", nullptr},
      {"payment_method_configuration_details", nullptr},
      {"payment_method_options", document{}},
      {"payment_method_types", json::array{"card", "us_bank_account"}},
      {"payment_record", nullptr},
      {"processing", nullptr},
      {"receipt_email", nullptr},
      {"review", nullptr},
      {"setup_future_usage", nullptr},
      {"shipping", nullptr},
      {"source", nullptr},
      {"statement_descriptor", nullptr},
      {"statement_descriptor_suffix", nullptr},
      {"status", "requires_payment_method"},
      {"transfer_data", nullptr},
      {"transfer_group", nullptr},
  };
}

verdict attempt(sandbox& account, document& intent, document& method, const attempt_terms& terms) {
  intent["payment_method"] = method.at("id");
  intent["next_action"] = nullptr;
  intent["_is_authenticated"] = terms.is_authenticated;
  const auto decided = decide(behaviour_of(method), terms);
  switch (decided) {
  case verdict::succeeds: succeed(account, intent, method); break;
  case verdict::fails: decline(account, intent, method, card_error(behaviour_of(method))); break;
  case verdict::asks_payer: ask_payer(account, intent); break;
  case verdict::fails_for_want_of_payer: decline(account, intent, method, authentication_required()); break;
  case verdict::outcome_comes_later: begin_processing(account, intent, method); break;
  }
  return decided;
}

void answer_challenge(sandbox& account, document& intent, bool passed) {
  auto& method = account.get("payment_method", text_of(intent, "payment_method"), "payment_method");
  if (passed) {
    attempt(account, intent, method, {.is_authenticated = true});
    return;
  }
  fail(account, intent, nullptr, failed_challenge("payment_intent_authentication_failure", method));
}

void capture(sandbox& account, document& intent, std::int64_t amount) {
  auto& charge = *latest_charge(account, intent);
  take(intent, charge, amount);
  account.emit("charge.captured", charge);
  account.emit("payment_intent.succeeded", intent);
  account.settled(intent);
}

void cancel(sandbox& account, document& intent, std::string_view reason) {
  intent["status"] = "canceled";
  intent["canceled_at"] = account.now();
  intent["cancellation_reason"] = text_or_null(reason);
  intent["next_action"] = nullptr;
  intent["amount_capturable"] = 0;
  account.emit("payment_intent.canceled", intent);
  account.settled(intent);
}

api_error payment_error(const document& intent) {
  const auto& last = object_of(intent, "last_payment_error");
  api_error error;
  error.status = 402;
  error.has_begun = true;
  error.type = text_of(last, "type");
  error.code = text_of(last, "code");
  error.decline_code = text_of(last, "decline_code");
  error.message = text_of(last, "message");
  error.param = text_of(last, "param");
  error.more["payment_intent"] = intent;
  error.more["payment_method"] = last.at("payment_method");
  if (has(last, "charge")) error.more["charge"] = last.at("charge");
  return error;
}

} // namespace tessera::paysim
