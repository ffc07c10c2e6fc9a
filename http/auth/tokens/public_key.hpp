#pragma once

#include "http/auth/tokens/algorithm.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace tessera::http {

/// A key that verifies signatures of one algorithm: the key says which, never the token. Safe from any
/// thread.
class public_key {
public:
  public_key(std::string id, signing_algorithm algorithm, std::shared_ptr<evp_pkey_st> key)
      : id_(std::move(id)), algorithm_(algorithm), key_(std::move(key)) {}

  const std::string& id() const { return id_; }
  signing_algorithm algorithm() const { return algorithm_; }
  /// `signature` as JWS has it (RFC 7518 3): of ES256 the two numbers of 32 bytes each.
  bool verify(std::string_view text, std::string_view signature) const;

private:
  std::string id_;
  signing_algorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

using public_keys = std::vector<public_key>;

/// The key that a token names; without a name the only one of the algorithm. Null: there is none that has the
/// name and the algorithm.
const public_key*
find_key(const public_keys& keys, const std::optional<std::string>& id, signing_algorithm algorithm);

/// The keys of a JWK set (RFC 7517) that sign with an algorithm of ours; others are left out. Throws
/// std::runtime_error when it is no JWK set, or a key of ours is broken or weak (RSA below 2048 bits).
public_keys read_key_set(std::string_view json);

} // namespace tessera::http
