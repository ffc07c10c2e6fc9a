#include "tools/paysim/payments/card_error.hpp"

namespace tessera::paysim {

namespace {

api_error card_error_of(std::string_view code, std::string_view decline_code) {
  api_error error;
  error.status = 402;
  error.type = "card_error";
  error.code = code;
  error.decline_code = decline_code == code && code != "authentication_required" ? "" : decline_code;
  error.message = message_of(code, decline_code);
  error.has_begun = true;
  if (code == "incorrect_cvc") error.param = "cvc";
  if (code == "expired_card") error.param = "exp_month";
  return error;
}

} // namespace

api_error card_error(const test_method& method) {
  return card_error_of(method.code, method.decline_code);
}

api_error authentication_required() {
  return card_error_of("authentication_required", "authentication_required");
}

document error_of_intent(const api_error& error, const document& method) {
  document made;
  made["code"] = error.code;
  if (!error.decline_code.empty()) made["decline_code"] = error.decline_code;
  made["doc_url"] = "https://docs.stripe.com/error-codes#" + error.code;
  made["message"] = error.message;
  if (!error.param.empty()) made["param"] = error.param;
  made["payment_method"] = shown(method);
  made["type"] = error.type;
  return made;
}

document failed_challenge(std::string_view code, const document& method) {
  api_error error;
  error.type = "invalid_request_error";
  error.code = code;
  error.message = message_of(code, {});
  return error_of_intent(error, method);
}

} // namespace tessera::paysim
