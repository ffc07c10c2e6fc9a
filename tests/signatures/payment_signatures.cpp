// payment_signatures: reads cases, one JSON object a line, and answers each with a line. {"op":"sign",
// "body", "time", "secrets"} gives the header that paysim sends; {"op":"verify", "body", "header", "secrets",
// "now"} what the service says of it.
#include "http/auth/stripe_signature.hpp"
#include "tools/paysim/support/document.hpp"
#include "tools/paysim/webhooks/signature.hpp"

#include <iostream>
#include <string>
#include <vector>

namespace {

using tessera::http::signature;
using tessera::http::verify_stripe_signature;
using namespace tessera::paysim;

std::string_view name_of(signature said) {
  switch (said) {
  case signature::good: return "good";
  case signature::malformed: return "malformed";
  case signature::no_match: return "no_match";
  case signature::too_old: return "too_old";
  }
  return {};
}

std::vector<std::string> secrets_in(const document& from) {
  std::vector<std::string> secrets;
  for (const auto& each : from.at("secrets").as_array())
    secrets.emplace_back(each.as_string());
  return secrets;
}

std::string answer(const document& asked) {
  const auto body = text_of(asked, "body");
  if (text_of(asked, "op") == "sign") return sign(body, number_of(asked, "time"), secrets_in(asked));
  const auto secrets = secrets_in(asked);
  const auto now = number_of(asked, "now");
  return std::string{name_of(verify_stripe_signature(body, text_of(asked, "header"), secrets, now))};
}

} // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(json::parse(line).as_object()) << '\n';
}
