#include "tools/paysim/api/access.hpp"

#include "tools/paysim/api/api_error.hpp"
#include "tools/paysim/sandbox.hpp"

#include <openssl/evp.h>

#include <vector>

namespace tessera::paysim {

namespace {

std::string decoded_base64(std::string_view text) {
  std::vector<unsigned char> bytes(text.size());
  const auto* from = reinterpret_cast<const unsigned char*>(text.data());
  const auto length = EVP_DecodeBlock(bytes.data(), from, static_cast<int>(text.size()));
  if (length < 0) return {};
  std::string decoded(bytes.begin(), bytes.begin() + length);
  return decoded.substr(0, decoded.find(':'));
}

std::string key_of(std::string_view authorization) {
  if (authorization.starts_with("Bearer ")) return std::string{authorization.substr(7)};
  if (authorization.starts_with("Basic ")) return decoded_base64(authorization.substr(6));
  return {};
}

/// As much of it as may be shown.
std::string masked(const std::string& key) {
  if (key.size() < 12) return "****";
  return key.substr(0, 8) + std::string(key.size() - 12, '*') + key.substr(key.size() - 4);
}

bool is_accepted(const std::string& key, const std::string& secret_key) {
  if (!secret_key.empty()) return key == secret_key;
  return key.starts_with("sk_test_") || key.starts_with("rk_test_");
}

} // namespace

void check_key(std::string_view authorization, const std::string& secret_key) {
  const auto key = key_of(authorization);
  if (is_accepted(key, secret_key)) return;
  auto error = invalid_request(
      key.empty()
          ? "You did not provide an API key. Use it as the bearer, or as the user of Basic authentication."
          : "Invalid API Key provided: " + masked(key)
  );
  error.status = 401;
  throw error;
}

void check_version(std::string_view version) {
  if (version.empty() || version == api_version) return;
  throw invalid_request(
      "Invalid Stripe API version: " + std::string{version} + ". The sandbox simulates " +
      std::string{api_version} + "."
  );
}

} // namespace tessera::paysim
