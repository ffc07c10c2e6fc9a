#pragma once

#include "tools/paysim/support/document.hpp"

#include <exception>
#include <string>
#include <string_view>

namespace tessera::paysim {

/// What an endpoint throws instead of answering: the provider's error object.
struct api_error : std::exception {
  unsigned status = 400;
  std::string type = "invalid_request_error"; // also card_error, idempotency_error, api_error
  std::string code{};
  std::string decline_code{};
  std::string message{};
  std::string param{};
  document more{};        // further members: payment_intent, payment_method, charge
  bool has_begun = false; // something happened: a repeated idempotency key gets the same answer
  bool may_be_retried = false;

  const char* what() const noexcept override { return message.c_str(); }
};

api_error invalid_request(std::string message, std::string param = {}, std::string code = {});
api_error missing_parameter(std::string param);
/// Of an id in the path 404; of one in a parameter 400.
api_error no_such(std::string_view kind, std::string_view id, std::string param, unsigned status = 400);
/// The state of an object does not allow it: decided after the call had begun.
api_error state_error(std::string code, std::string message, std::string param = {});

document error_document(const api_error& error);

} // namespace tessera::paysim
