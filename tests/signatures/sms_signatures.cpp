// sms_signatures: reads cases, one JSON object a line, and answers each with a line. {"op":"sign", "token",
// "address", "fields"} gives the header of a call; {"op":"verify", …, "header"} whether the service believes
// it. `fields` is a list of [name, value].
#include "http/auth/twilio_signature.hpp"
#include "tools/paysim/support/document.hpp"

#include <iostream>
#include <string>

namespace {

using namespace tessera::http;
using tessera::paysim::document;
using tessera::paysim::text_of;

form_fields fields_in(const document& from) {
  form_fields fields;
  for (const auto& each : from.at("fields").as_array())
    fields.emplace_back(
        std::string(each.as_array()[0].as_string()), std::string(each.as_array()[1].as_string())
    );
  return fields;
}

std::string answer(const document& asked) {
  const std::string token(text_of(asked, "token"));
  const auto address = text_of(asked, "address");
  if (text_of(asked, "op") == "sign") return twilio_signature(token, address, fields_in(asked));
  return is_twilio_signature(token, address, fields_in(asked), text_of(asked, "header")) ? "good" : "bad";
}

} // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(boost::json::parse(line).as_object()) << '\n';
}
