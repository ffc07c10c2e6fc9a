#pragma once

#include "http/auth/access_token.hpp"
#include "messages/types/digest.hpp"

#include <array>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace tessera::http {

/// Tokens that were verified lately, by their SHA-256: a signature costs hundreds of times what this does.
/// Bounded: the older half is forgotten when the newer one is full. Safe from any thread.
class verified_tokens {
public:
  explicit verified_tokens(std::size_t most = 32'768) : most_of_half_(most / 2 / shards) {}

  std::optional<access_token> find(const digest& token_sha256, time_point now);
  /// Remembers it for a minute, or until it is over.
  void remember(const digest& token_sha256, const access_token& token, time_point now);

private:
  static constexpr std::size_t shards = 16;
  struct entry {
    access_token token;
    time_point until;
  };
  struct hash {
    std::size_t operator()(const digest& value) const noexcept;
  };
  using half = std::unordered_map<digest, entry, hash>;
  struct shard {
    std::mutex mutex;
    half newer;
    half older;
  };

  shard& shard_of(const digest& token_sha256) { return shards_[token_sha256[0] % shards]; }

  std::size_t most_of_half_;
  std::array<shard, shards> shards_;
};

} // namespace tessera::http
