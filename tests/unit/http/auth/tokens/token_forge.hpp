#pragma once

#include "http/auth/tokens/access_tokens.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace tessera::http {

/// A directory that is gone with the test.
class scratch_directory {
public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  std::string path(std::string_view name) const { return (path_ / name).string(); }
  /// Returns the file's path.
  std::string write(std::string_view name, std::string_view text) const;

private:
  std::filesystem::path path_;
};

/// An issuer of RSA keys: what other people's tokens are signed with, made with OpenSSL and nothing of ours.
class rsa_issuer {
public:
  explicit rsa_issuer(unsigned bits = 2048);
  std::string jwk(std::string_view id) const;
  std::string sign(std::string_view text) const;
  std::string public_pem() const;

private:
  std::shared_ptr<evp_pkey_st> key_;
};

using signer = std::function<std::string(std::string_view)>;

/// A token of that header and payload, whatever they are.
std::string forge(std::string_view header, std::string_view payload, const signer& sign);

std::string hmac_sha256(std::string_view key, std::string_view text);

} // namespace tessera::http
