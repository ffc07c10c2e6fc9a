#pragma once

#include "http/auth/tokens/public_key.hpp"
#include "messages/types/ids.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::http {

/// Somebody else whose tokens are believed, for the people of one tenant (shapes.md
/// TESSERA_AUTH_ISSUERS_FILE).
struct external_issuer {
  std::string issuer;   // iss
  std::string audience; // aud
  std::vector<signing_algorithm> algorithms;
  std::string tenant_name; // as callers know it
  std::string key_file;    // a JWK set; empty: it is fetched from key_url
  tenant_id tenant;
  std::string key_url{};
};

/// The issuers of a configuration file, with the tenant that `find_tenant` gives for a name. Throws
/// std::runtime_error that says what is wrong and where.
std::vector<external_issuer> read_issuers(
    const std::string& path, const std::function<std::optional<tenant_id>(const std::string&)>& find_tenant
);

/// The issuers and their keys, as the files have them or as they were fetched last. Safe from any thread.
class external_issuers {
public:
  external_issuers() = default;
  /// Throws std::runtime_error when a key file can't be used. An issuer with a key_url has no keys yet.
  explicit external_issuers(std::vector<external_issuer> issuers);

  struct known_issuer {
    external_issuer described;
    std::shared_ptr<const public_keys> keys;
  };
  /// Nothing: nobody we know.
  std::optional<known_issuer> find(std::string_view issuer) const;
  std::vector<external_issuer> with_key_url() const;
  bool empty() const { return issuers_.empty(); }
  /// Reads the key files again that have changed; one that can't be used leaves its keys as they are.
  void reload();

  /// The JWK set that was fetched for an issuer. Throws std::runtime_error when it can't be used: the keys
  /// stay as they are.
  void take_keys(std::string_view issuer, std::string_view key_set);
  /// Is called with an issuer whose keys are fetched when a token names one that it does not have. Must not
  /// wait. To be set before anybody verifies.
  void when_key_is_missing(std::function<void(const std::string& issuer)> ask) { ask_ = std::move(ask); }
  void key_is_missing(const external_issuer& issuer) const;

private:
  struct entry {
    known_issuer issuer;
    std::filesystem::file_time_type changed_at;
  };
  mutable std::mutex mutex_; // of the pointers to keys; all else stays as it was made
  std::vector<entry> issuers_;
  std::function<void(const std::string& issuer)> ask_;
};

} // namespace tessera::http
