#include "http/auth/base64url.hpp"
#include "http/auth/tokens/openssl.hpp"
#include "http/auth/tokens/public_key.hpp"
#include "http/json/document.hpp"

#include <stdexcept>

namespace tessera::http {

namespace {

using json_object = simdjson::dom::object;

constexpr std::size_t most_keys = 100;
constexpr int least_rsa_bits = 2'048;
constexpr int most_rsa_bits = 8'192; // larger ones only cost time

/// The text, empty when there is none.
std::string_view text_in(const json_object& of, std::string_view name) {
  std::string_view text;
  if (of[name].get(text) != simdjson::SUCCESS) return {};
  return text;
}

std::string bytes_in(const json_object& of, std::string_view name) {
  auto bytes = decode_base64url(text_in(of, name));
  if (!bytes || bytes->empty())
    throw std::runtime_error("a key's `" + std::string(name) + "` is no base64url");
  return std::move(*bytes);
}

std::shared_ptr<EVP_PKEY> from_parameters(const char* type, OSSL_PARAM* parameters) {
  const openssl::key_context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || !parameters || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    ERR_clear_error();
    throw std::runtime_error("a key is not valid");
  }
  return openssl::shared(key);
}

std::shared_ptr<EVP_PKEY> ed25519_key(const json_object& jwk) {
  const auto bytes = bytes_in(jwk, "x");
  auto* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, openssl::bytes_of(bytes), bytes.size());
  if (!key) throw std::runtime_error("a key is not valid");
  return openssl::shared(key);
}

std::shared_ptr<EVP_PKEY> p256_key(const json_object& jwk) {
  const auto x = bytes_in(jwk, "x");
  const auto y = bytes_in(jwk, "y");
  if (x.size() != 32 || y.size() != 32) throw std::runtime_error("a key is not valid");
  const auto point = '\x04' + x + y; // uncompressed
  const openssl::parameter_builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), "group", "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), "pub", point.data(), point.size());
  const openssl::parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return from_parameters("EC", parameters.get());
}

std::shared_ptr<EVP_PKEY> rsa_key(const json_object& jwk) {
  const auto n = bytes_in(jwk, "n");
  const auto e = bytes_in(jwk, "e");
  const openssl::number modulus(BN_bin2bn(openssl::bytes_of(n), static_cast<int>(n.size()), nullptr));
  const openssl::number exponent(BN_bin2bn(openssl::bytes_of(e), static_cast<int>(e.size()), nullptr));
  if (BN_num_bits(modulus.get()) < least_rsa_bits || BN_num_bits(modulus.get()) > most_rsa_bits)
    throw std::runtime_error("an RSA key has not 2048 to 8192 bits");
  const openssl::parameter_builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), "n", modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), "e", exponent.get());
  const openssl::parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  return from_parameters("RSA", parameters.get());
}

struct kind {
  std::string_view type;  // kty
  std::string_view curve; // crv
  signing_algorithm algorithm;
  std::shared_ptr<EVP_PKEY> (*read)(const json_object&);
};
constexpr kind kinds[] = {
    {"OKP", "Ed25519", signing_algorithm::eddsa, ed25519_key},
    {"EC", "P-256", signing_algorithm::es256, p256_key},
    {"RSA", "", signing_algorithm::rs256, rsa_key},
};

/// Null: a key for something else. An `alg` that is not the one of its kind is something else too.
const kind* kind_of(const json_object& jwk) {
  const auto use = text_in(jwk, "use");
  if (!use.empty() && use != "sig") return nullptr;
  for (const auto& one : kinds) {
    if (one.type != text_in(jwk, "kty") || one.curve != text_in(jwk, "crv")) continue;
    const auto algorithm = text_in(jwk, "alg");
    return algorithm.empty() || algorithm == to_string(one.algorithm) ? &one : nullptr;
  }
  return nullptr;
}

} // namespace

public_keys read_key_set(std::string_view json) {
  json::document document;
  if (const auto wrong = document.parse(json); !wrong.empty()) throw std::runtime_error(wrong);
  simdjson::dom::array listed;
  if (document.root()["keys"].get(listed) != simdjson::SUCCESS)
    throw std::runtime_error("it is no JWK set: there is no array `keys`");
  public_keys keys;
  for (const auto element : listed) {
    json_object jwk;
    if (element.get(jwk) != simdjson::SUCCESS) throw std::runtime_error("a key is no object");
    if (const auto* known = kind_of(jwk))
      keys.emplace_back(std::string(text_in(jwk, "kid")), known->algorithm, known->read(jwk));
    if (keys.size() > most_keys) throw std::runtime_error("there are too many keys");
  }
  return keys;
}

} // namespace tessera::http
