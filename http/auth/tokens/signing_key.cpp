#include "http/auth/tokens/signing_key.hpp"

#include "actors/support/sha256.hpp"
#include "http/auth/base64url.hpp"
#include "http/auth/tokens/openssl.hpp"
#include "http/json/writer.hpp"

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <array>
#include <stdexcept>

namespace tessera::http {

namespace {

std::string_view view_of(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::string ed25519_point(EVP_PKEY* key) {
  std::array<unsigned char, 32> bytes{};
  auto size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) != 1)
    throw std::runtime_error("a signing key is not valid");
  return encode_base64url(view_of(bytes.data(), size));
}

std::string coordinate(EVP_PKEY* key, const char* name) {
  BIGNUM* found = nullptr;
  std::array<unsigned char, openssl::number_bytes> bytes{};
  const bool there = EVP_PKEY_get_bn_param(key, name, &found) == 1;
  const openssl::number number(found);
  if (!there || BN_bn2binpad(number.get(), bytes.data(), openssl::number_bytes) != openssl::number_bytes)
    throw std::runtime_error("a signing key is not valid");
  return encode_base64url(view_of(bytes.data(), bytes.size()));
}

/// The members of a JWK that make the key, in the order of RFC 7638: without spaces they are what is hashed.
std::string members_of(EVP_PKEY* key, signing_algorithm algorithm) {
  std::string text;
  json::writer out(text);
  out.begin_object();
  if (algorithm == signing_algorithm::eddsa)
    out.field("crv", "Ed25519").field("kty", "OKP").field("x", ed25519_point(key));
  else
    out.field("crv", "P-256")
        .field("kty", "EC")
        .field("x", coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X))
        .field("y", coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y));
  out.end_object();
  return text;
}

signing_algorithm algorithm_of(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return signing_algorithm::eddsa;
  std::array<char, 32> group{};
  if (EVP_PKEY_is_a(key, "EC") == 1 &&
      EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
      std::string_view(group.data()) == "prime256v1")
    return signing_algorithm::es256;
  throw std::runtime_error("a signing key must be Ed25519 or P-256");
}

std::string in_raw(std::string_view der) {
  const auto* at = openssl::bytes_of(der);
  const openssl::ecdsa_signature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (!pair) throw std::runtime_error("a token could not be signed");
  std::array<unsigned char, 2 * openssl::number_bytes> raw{};
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), raw.data(), openssl::number_bytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), raw.data() + openssl::number_bytes, openssl::number_bytes);
  return std::string(view_of(raw.data(), raw.size()));
}

} // namespace

signing_key::signing_key(std::shared_ptr<evp_pkey_st> key)
    : key_(std::move(key)), algorithm_(algorithm_of(key_.get())) {
  const auto thumbprint = sha256::local()(members_of(key_.get(), algorithm_));
  id_ = encode_base64url(view_of(thumbprint.data(), thumbprint.size()));
}

signing_key signing_key::make() {
  auto* made = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (!made) throw std::runtime_error("no signing key could be made");
  return signing_key(openssl::shared(made));
}

std::string signing_key::sign(std::string_view text) const {
  const openssl::digest_context context(EVP_MD_CTX_new());
  const auto* hash = algorithm_ == signing_algorithm::eddsa ? nullptr : EVP_sha256();
  std::array<unsigned char, 128> bytes{}; // DER of two numbers of P-256 is 72 at most
  auto size = bytes.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), bytes.data(), &size, openssl::bytes_of(text), text.size()) != 1)
    throw std::runtime_error("a token could not be signed");
  const auto signature = view_of(bytes.data(), size);
  return algorithm_ == signing_algorithm::eddsa ? std::string(signature) : in_raw(signature);
}

std::string signing_key::jwk() const {
  auto text = members_of(key_.get(), algorithm_);
  text.pop_back(); // the brace
  std::string rest;
  json::writer(rest)
      .begin_object()
      .field("use", "sig")
      .field("alg", to_string(algorithm_))
      .field("kid", id_)
      .end_object();
  return text + "," + rest.substr(1);
}

std::string signing_key::pem() const {
  const openssl::stream out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw std::runtime_error("a signing key could not be written");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::vector<signing_key> read_signing_keys(std::string_view pem) {
  const openssl::stream in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // A password is never asked for: there is nobody at the terminal.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  std::vector<signing_key> keys;
  while (auto* key = PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr))
    keys.emplace_back(openssl::shared(key));
  ERR_clear_error(); // the end is an error to OpenSSL
  if (keys.empty()) throw std::runtime_error("there is no private key in it (PEM, without a password)");
  return keys;
}

} // namespace tessera::http
