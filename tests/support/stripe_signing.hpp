#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::test {

/// The `v1` of a Stripe-Signature as the provider makes it, in hex.
inline std::string stripe_v1(std::string_view body, std::string_view secret, std::int64_t time) {
  const auto text = std::to_string(time) + "." + std::string(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(
      EVP_sha256(),
      secret.data(),
      static_cast<int>(secret.size()),
      reinterpret_cast<const unsigned char*>(text.data()),
      text.size(),
      mac.data(),
      &size
  );
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[mac[i] >> 4];
    hex += "0123456789abcdef"[mac[i] & 15];
  }
  return hex;
}

/// The whole header.
inline std::string stripe_header(std::string_view body, std::string_view secret, std::int64_t time) {
  return "t=" + std::to_string(time) + ",v1=" + stripe_v1(body, secret, time);
}

} // namespace tessera::test
