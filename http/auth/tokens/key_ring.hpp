#pragma once

#include "http/auth/tokens/signing_key.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tessera::http {

/// The newest first: it signs, all verify.
using signing_keys = std::vector<signing_key>;

/// At most so many stand in the file: the one that signs and the one before it.
constexpr std::size_t most_signing_keys = 2;

/// Writes the file anew, whole or not at all, for its owner alone. Throws std::runtime_error.
void write_signing_keys(const std::string& path, const signing_keys& keys);

/// Puts a new key in front of those of the file and keeps one of them. Returns them.
signing_keys rotate_signing_keys(const std::string& path);

/// The signing keys of this node, as their file has them. Safe from any thread.
class key_ring {
public:
  /// Reads the file, or makes it with a new key. Throws std::runtime_error when neither is possible.
  explicit key_ring(std::string path);

  std::shared_ptr<const signing_keys> keys() const;
  /// The public halves as a JWK set.
  std::string jwk_set() const;
  /// Reads the file again when it has changed. One that can't be read leaves the keys as they are, with a
  /// warning.
  void reload();

private:
  std::string path_;
  std::filesystem::file_time_type changed_at_;
  mutable std::mutex mutex_;
  std::shared_ptr<const signing_keys> keys_;
};

} // namespace tessera::http
