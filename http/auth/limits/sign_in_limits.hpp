#pragma once

#include "http/auth/limits/addresses.hpp"
#include "http/auth/limits/rate_table.hpp"
#include "http/routing/problem.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tessera::http {

/// How often signing in may fail: per account and network, per account, and per address. An attempt counts
/// when it begins, so that many at once do not slip through, and is given back when it succeeds. The
/// network's limit comes first and is the smallest: whoever guesses from one place stops there, and the owner
/// of the account gets in from another. Where they signed in before, guesses from all over the world do not
/// keep them out either. What succeeds is limited by itself, per account: a session is rows in the database,
/// and its end is news for every node. Safe from any thread.
class sign_in_limits {
public:
  explicit sign_in_limits(double scale);

  /// What began: to be given back when it succeeds.
  struct attempt {
    std::optional<std::uint64_t> account_and_network;
    std::optional<std::uint64_t> account;
    std::optional<std::uint64_t> address;
    std::optional<std::uint64_t> success; // counts once it succeeds
    std::int64_t begun_ns = 0;
    std::vector<std::pair<std::string_view, std::string>> headers; // of the answer
    std::optional<problem> refused;                                // 429
  };
  /// `account`: the normalised address of the mail, whether it exists or not.
  attempt begin(std::string_view account, const ip_address& from, std::int64_t now_ns);
  /// Of something that names no account, such as a refresh token.
  attempt begin(const ip_address& from, std::int64_t now_ns);
  void succeeded(const attempt& which);
  /// It came to no answer: it does not count, and proves nothing.
  void forgive(const attempt& which);

private:
  std::uint64_t hash_of(std::string_view account, const ip_address* from) const;
  bool is_familiar(std::uint64_t account_and_network);
  void make_familiar(std::uint64_t account_and_network);
  bool take(
      rate_table& table,
      std::string_view policy,
      std::uint64_t key,
      std::optional<std::uint64_t>& taken,
      attempt& into,
      std::int64_t now_ns
  );

  std::array<char, 16> salt_; // nobody can choose accounts that share a key
  rate_table by_account_and_network_;
  rate_table by_account_;
  rate_table by_address_;
  rate_table successes_; // by account

  // Accounts and networks from which signing in succeeded; the older half is forgotten when the newer is
  // full.
  std::mutex familiar_mutex_;
  std::unordered_set<std::uint64_t> familiar_;
  std::unordered_set<std::uint64_t> familiar_before_;
};

} // namespace tessera::http
