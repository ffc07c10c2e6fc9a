#include "actors/support/webhook_signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace tessera {

namespace {

std::string base64(const digest& bytes) {
  std::array<unsigned char, 48> text{};
  const auto size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(bytes.size()));
  return {text.begin(), text.begin() + size};
}

} // namespace

digest webhook_secret(const token_secret& of, std::string_view endpoint, std::int64_t generation) {
  return of.derive("webhook/v1", endpoint, generation);
}

std::string webhook_secret_text(const digest& secret) {
  return "whsec_" + base64(secret);
}

std::string
webhook_signature(const digest& secret, std::string_view id, std::int64_t timestamp, std::string_view body) {
  const auto signed_text = std::string(id) + "." + std::to_string(timestamp) + "." + std::string(body);
  digest made{};
  unsigned size = 0;
  if (!HMAC(
          EVP_sha256(),
          secret.data(),
          static_cast<int>(secret.size()),
          reinterpret_cast<const unsigned char*>(signed_text.data()),
          signed_text.size(),
          made.data(),
          &size
      ) ||
      size != made.size())
    throw std::runtime_error("a webhook could not be signed");
  return "v1," + base64(made);
}

} // namespace tessera
