#include "http/auth/twilio_signature.hpp"

#include "actors/support/base64.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

namespace tessera::http {

namespace {

/// What stands before the port, and what behind it.
struct parted_address {
  std::string_view front; // scheme and host
  std::string_view port;  // with its colon; may be empty
  std::string_view rest;
};

parted_address parted(std::string_view address) {
  const auto scheme = address.find("://");
  if (scheme == address.npos) return {address, {}, {}};
  const auto begin = scheme + 3;
  const auto end = std::min(address.find_first_of("/?#", begin), address.size());
  const auto host = address.substr(begin, end - begin);
  const auto bracket = host.rfind(']'); // a colon only begins the port behind that of an IPv6 address
  const auto colon = host.find(':', bracket == host.npos ? 0 : bracket);
  const auto front = colon == host.npos ? end : begin + colon;
  return {address.substr(0, front), address.substr(front, end - front), address.substr(end)};
}

} // namespace

std::string twilio_signature(const std::string& token, std::string_view address, form_fields fields) {
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  std::string text(address);
  for (const auto& [name, value] : fields)
    text.append(name).append(value);
  std::array<unsigned char, 20> mac{};
  unsigned size = 0;
  HMAC(
      EVP_sha1(),
      token.data(),
      static_cast<int>(token.size()),
      reinterpret_cast<const unsigned char*>(text.data()),
      text.size(),
      mac.data(),
      &size
  );
  return base64({reinterpret_cast<const char*>(mac.data()), size});
}

bool is_twilio_signature(
    const std::string& token, std::string_view address, const form_fields& fields, std::string_view given
) {
  if (token.empty()) return false;
  const auto parts = parted(address);
  const auto without = std::string(parts.front) + std::string(parts.rest);
  const auto usual = parts.front.starts_with("https://") ? ":443" : ":80";
  const auto with =
      parts.port.empty() ? std::string(parts.front) + usual + std::string(parts.rest) : std::string(address);
  bool matches = false;
  for (const auto& each : {without, with}) {
    const auto expected = twilio_signature(token, each, fields);
    matches |=
        expected.size() == given.size() && CRYPTO_memcmp(expected.data(), given.data(), expected.size()) == 0;
  }
  return matches;
}

} // namespace tessera::http
