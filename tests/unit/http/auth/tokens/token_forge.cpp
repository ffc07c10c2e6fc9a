#include "tests/unit/http/auth/tokens/token_forge.hpp"

#include "http/auth/base64url.hpp"
#include "http/auth/tokens/openssl.hpp"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <fstream>
#include <random>

namespace tessera::http {

scratch_directory::scratch_directory()
    : path_(
          std::filesystem::path(testing::TempDir()) / ("tessera-" + std::to_string(std::random_device()()))
      ) {
  std::filesystem::create_directories(path_);
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string scratch_directory::write(std::string_view name, std::string_view text) const {
  std::ofstream(path(name)) << text;
  return path(name);
}

rsa_issuer::rsa_issuer(unsigned bits)
    : key_(openssl::shared(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits}))) {}

std::string rsa_issuer::jwk(std::string_view id) const {
  const auto number = [this](const char* name) {
    BIGNUM* found = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &found);
    const openssl::number owned(found);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(found)), '\0');
    BN_bn2bin(found, reinterpret_cast<unsigned char*>(bytes.data()));
    return encode_base64url(bytes);
  };
  return R"({"kty":"RSA","kid":")" + std::string(id) + R"(","n":")" + number("n") + R"(","e":")" +
         number("e") + R"("})";
}

std::string rsa_issuer::sign(std::string_view text) const {
  const openssl::digest_context context(EVP_MD_CTX_new());
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  auto size = signature.size();
  EVP_DigestSign(
      context.get(),
      reinterpret_cast<unsigned char*>(signature.data()),
      &size,
      openssl::bytes_of(text),
      text.size()
  );
  return signature;
}

std::string rsa_issuer::public_pem() const {
  const openssl::stream out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(out.get(), key_.get());
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string forge(std::string_view header, std::string_view payload, const signer& sign) {
  const auto text = encode_base64url(header) + "." + encode_base64url(payload);
  return text + "." + encode_base64url(sign(text));
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  unsigned char mac[32];
  unsigned size = sizeof mac;
  HMAC(
      EVP_sha256(), key.data(), static_cast<int>(key.size()), openssl::bytes_of(text), text.size(), mac, &size
  );
  return {reinterpret_cast<char*>(mac), size};
}

} // namespace tessera::http
