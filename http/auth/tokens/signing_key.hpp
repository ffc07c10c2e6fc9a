#pragma once

#include "http/auth/tokens/public_key.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace tessera::http {

/// A key of ours: Ed25519 (EdDSA) or P-256 (ES256). Its id is the thumbprint of RFC 7638. Safe from any
/// thread.
class signing_key {
public:
  /// Throws std::runtime_error for any other kind of key.
  explicit signing_key(std::shared_ptr<evp_pkey_st> key);
  /// A new Ed25519 key.
  static signing_key make();

  const std::string& id() const { return id_; }
  signing_algorithm algorithm() const { return algorithm_; }
  /// As JWS has it.
  std::string sign(std::string_view text) const;
  /// The public half as a JWK.
  std::string jwk() const;
  public_key verifying() const { return {id_, algorithm_, key_}; }
  /// The private key, PKCS #8.
  std::string pem() const;

private:
  std::shared_ptr<evp_pkey_st> key_;
  signing_algorithm algorithm_ = signing_algorithm::eddsa;
  std::string id_;
};

/// All private keys of a PEM text, in its order; what stands between them is skipped. Throws
/// std::runtime_error when there is none, or one that is not ours.
std::vector<signing_key> read_signing_keys(std::string_view pem);

} // namespace tessera::http
