#include "tools/paysim/api/api_error.hpp"

namespace tessera::paysim {

api_error invalid_request(std::string message, std::string param, std::string code) {
  api_error error;
  error.message = std::move(message);
  error.param = std::move(param);
  error.code = std::move(code);
  return error;
}

api_error missing_parameter(std::string param) {
  auto message = "Missing required param: " + param + ".";
  return invalid_request(std::move(message), std::move(param), "parameter_missing");
}

api_error no_such(std::string_view kind, std::string_view id, std::string param, unsigned status) {
  auto error = invalid_request(
      "No such " + std::string{kind} + ": '" + std::string{id} + "'", std::move(param), "resource_missing"
  );
  error.status = status;
  return error;
}

api_error state_error(std::string code, std::string message, std::string param) {
  auto error = invalid_request(std::move(message), std::move(param), std::move(code));
  error.has_begun = true;
  return error;
}

document error_document(const api_error& error) {
  document inner;
  if (!error.code.empty()) inner["code"] = error.code;
  if (!error.decline_code.empty()) inner["decline_code"] = error.decline_code;
  if (!error.code.empty()) inner["doc_url"] = "https://docs.stripe.com/error-codes#" + error.code;
  inner["message"] = error.message;
  if (!error.param.empty()) inner["param"] = error.param;
  for (const auto& [name, value] : error.more)
    inner[name] = shown(value);

  inner["type"] = error.type;
  return {{"error", std::move(inner)}};
}

} // namespace tessera::paysim
