#include "http/auth/tokens/public_key.hpp"

#include "http/auth/tokens/openssl.hpp"

#include <array>

namespace tessera::http {

namespace {

constexpr std::size_t eddsa_bytes = 64;

/// OpenSSL wants ES256 signatures in DER.
std::string in_der(std::string_view raw) {
  openssl::ecdsa_signature pair(ECDSA_SIG_new());
  openssl::number r(BN_bin2bn(openssl::bytes_of(raw), openssl::number_bytes, nullptr));
  openssl::number s(BN_bin2bn(openssl::bytes_of(raw) + openssl::number_bytes, openssl::number_bytes, nullptr)
  );
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  (void)r.release(); // the pair's now
  (void)s.release();
  unsigned char* encoded = nullptr;
  const auto size = i2d_ECDSA_SIG(pair.get(), &encoded);
  if (size <= 0) return {};
  std::string der(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size));
  OPENSSL_free(encoded);
  return der;
}

bool verifies(EVP_PKEY* key, const EVP_MD* hash, std::string_view text, std::string_view signature) {
  const openssl::digest_context context(EVP_MD_CTX_new());
  const bool good =
      context && EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key) == 1 &&
      EVP_DigestVerify(
          context.get(), openssl::bytes_of(signature), signature.size(), openssl::bytes_of(text), text.size()
      ) == 1;
  ERR_clear_error(); // a bad signature leaves a note in the thread's queue
  return good;
}

} // namespace

bool public_key::verify(std::string_view text, std::string_view signature) const {
  switch (algorithm_) {
  case signing_algorithm::eddsa:
    return signature.size() == eddsa_bytes && verifies(key_.get(), nullptr, text, signature);
  case signing_algorithm::es256:
    return signature.size() == 2 * openssl::number_bytes &&
           verifies(key_.get(), EVP_sha256(), text, in_der(signature));
  case signing_algorithm::rs256:
    return signature.size() == static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())) &&
           verifies(key_.get(), EVP_sha256(), text, signature);
  }
  return false;
}

const public_key*
find_key(const public_keys& keys, const std::optional<std::string>& id, signing_algorithm algorithm) {
  const public_key* found = nullptr;
  for (const auto& key : keys) {
    if (key.algorithm() != algorithm || (id && key.id() != *id)) continue;
    if (id) return &key;
    if (found) return nullptr; // several: which one is not for us to guess
    found = &key;
  }
  return found;
}

} // namespace tessera::http
