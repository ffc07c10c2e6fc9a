#include "tools/paysim/webhooks/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace tessera::paysim {

namespace {

std::string hex_hmac(const std::string& secret, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
  unsigned length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!HMAC(
          EVP_sha256(),
          secret.data(),
          static_cast<int>(secret.size()),
          bytes,
          text.size(),
          mac.data(),
          &length
      ))
    throw std::runtime_error("HMAC failed");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (unsigned at = 0; at < length; ++at) {
    hex += digits[mac[at] >> 4];
    hex += digits[mac[at] & 15];
  }
  return hex;
}

} // namespace

std::string sign(std::string_view body, std::int64_t unix_seconds, const std::vector<std::string>& secrets) {
  const auto time = std::to_string(unix_seconds);
  const auto signed_text = time + "." + std::string{body};
  auto header = "t=" + time;
  for (const auto& secret : secrets)
    header += ",v1=" + hex_hmac(secret, signed_text);
  return header;
}

} // namespace tessera::paysim
