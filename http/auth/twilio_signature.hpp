#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::http {

using form_fields = std::vector<std::pair<std::string, std::string>>;

/// `X-Twilio-Signature`: base64 of HMAC-SHA1(token, address, then name and value of every field in the order
/// of their names), as Twilio's own library makes it. `address` is what it called, with its query.
std::string twilio_signature(const std::string& token, std::string_view address, form_fields fields);

/// True when the signature is that of the address, as it is, with its scheme's port, or without any. Compared
/// in constant time. Without a token nothing is good.
bool is_twilio_signature(
    const std::string& token, std::string_view address, const form_fields& fields, std::string_view given
);

} // namespace tessera::http
